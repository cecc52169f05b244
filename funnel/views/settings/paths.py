"""Addresses under /settings/ and of the invitations."""

from django.urls import path

from funnel.views.settings import calendar, departments, invitations, members, naming, profile, tokens

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
    path("settings/calendar/", calendar.calendar, name="settings-calendar"),
    path("settings/calendar/close/", calendar.close, name="settings-calendar-close"),
    path("settings/calendar/list/", calendar.take_in, name="settings-calendar-take-in"),
    path("settings/calendar/take-away/", calendar.take_away, name="settings-calendar-take-away"),
    path("settings/company/", calendar.set_company, name="settings-company"),
    path("settings/names/", naming.names, name="settings-names"),
    path("settings/names/<slug:table>/<slug:code>/", naming.call, name="settings-name"),
    path("settings/reasons/<slug:act>/", naming.reason_list, name="settings-reasons"),
    path("settings/reasons/<slug:act>/change/", naming.change_reasons, name="settings-reasons-change"),
    path("settings/channels/", naming.channels, name="settings-channels"),
    path("settings/channels/add/", naming.add_channel, name="settings-channel-add"),
    path("settings/channels/<slug:kind>/<int:pk>/", naming.change_source, name="settings-source"),
    path("settings/tokens/", tokens.token_list, name="settings-tokens"),
    path("settings/tokens/revoke/", tokens.revoke, name="settings-token-revoke"),
    path("settings/history/", tokens.history, name="settings-history"),
    path("invitation/<str:token>/", invitations.come_in, name="come-in"),
]
