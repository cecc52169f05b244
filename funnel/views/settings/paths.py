"""Addresses under /settings/ and of the invitations."""

from django.urls import path

from funnel.views.settings import departments, invitations, members, profile

PATHS = [
    path("settings/", profile.overview, name="settings"),
    path("settings/profile/", profile.own_profile, name="settings-profile"),
    path("settings/profile/password/", profile.own_password, name="settings-own-password"),
    path("settings/members/", members.member_list, name="settings-members"),
    path("settings/members/invite/", invitations.invite, name="settings-invite"),
    path("settings/members/<int:member_id>/", members.member_page, name="settings-member"),
    path(
        "settings/members/<int:member_id>/<slug:what>/", members.change_member, name="settings-member-change"
    ),
    path("settings/memberships/<int:membership_id>/", members.change_membership, name="settings-membership"),
    path(
        "settings/invitations/<int:invitation_id>/take-back/",
        invitations.take_back,
        name="settings-invitation-take-back",
    ),
    path("settings/departments/", departments.department_list, name="settings-departments"),
    path("settings/departments/<slug:department>/", departments.cover, name="settings-department"),
    path("invitation/<str:token>/", invitations.come_in, name="come-in"),
]
