"""Addresses of the queue, of a lead's record, and of every act on them."""

from django.urls import path

from handoffs.views import settings
from handoffs.views.acts import ACTS, view_of
from handoffs.views.agreement import agreement_page
from handoffs.views.batches import accept_many, note, undo_accept_many
from handoffs.views.notice_settings import notice_rooms, notice_settings, retry_outlet
from handoffs.views.notices import notice_count, notice_list, read_all_notices, read_notice
from handoffs.views.personal import erase_person, export_person
from handoffs.views.presence import absences, capacity, others_absence, remove_absence
from handoffs.views.queue import changes, queue, strip
from handoffs.views.record import customer, record

urlpatterns = [
    path("agreement/", agreement_page, name="agreement"),
    path("settings/lanes/", settings.lanes, name="settings-lanes"),
    path("settings/lanes/<slug:boundary>/", settings.agree, name="settings-lane"),
    path("settings/sheet/", settings.items, name="settings-items"),
    path("settings/sheet/save/", settings.agree_items, name="settings-items-save"),
    path("", queue, name="queue"),
    path("queue/changes/", changes, name="queue-changes"),
    path("queue/<slug:kind>/<int:pk>/", strip, name="queue-strip"),
    path("handoffs/accept/", accept_many, name="handoffs-accept"),
    path("acceptances/<int:pk>/undo/", undo_accept_many, name="handoffs-accept-undo"),
    path("activities/<int:pk>/note/", note, name="activity-note"),
    path("c/<int:pk>/", record, name="record"),
    path("customers/<int:customer_id>/", customer, name="customer"),
    path("people/<int:pk>/erase/", erase_person, name="person-erase"),
    path("people/<int:pk>/data/", export_person, name="person-export"),
    path("notices/", notice_list, name="notices"),
    path("notices/count/", notice_count, name="notice-count"),
    path("notices/read/", read_all_notices, name="notices-read"),
    path("notices/<int:pk>/read/", read_notice, name="notice-read"),
    path("settings/notices/", notice_settings, name="notice-settings"),
    path("settings/chat-rooms/", notice_rooms, name="notice-rooms"),
    path("settings/chat-rooms/<int:pk>/retry/", retry_outlet, name="outlet-retry"),
    path("settings/absences/", absences, name="absences"),
    path("settings/absences/others/", others_absence, name="absences-others"),
    path("settings/absences/<int:pk>/remove/", remove_absence, name="absence-remove"),
    path("settings/memberships/<int:pk>/capacity/", capacity, name="capacity"),
    *[
        path(f"{subject}s/<int:pk>/{slug}/", view_of(subject, slug), name=f"{subject}-{slug}")
        for subject, slug in ACTS
    ],
]
