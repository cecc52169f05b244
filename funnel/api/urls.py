"""Addresses of facts under /api/v1/."""

from django.urls import path

from funnel.api import views_customers as customers
from funnel.api import views_deals as deals
from funnel.api import views_leads as leads
from funnel.api import views_ledger as ledger

urlpatterns = [
    path("leads/", leads.Leads.as_view(), name="api-leads"),
    path("leads/<int:lead_id>/", leads.OneLead.as_view(), name="api-lead"),
    path("leads/<int:lead_id>/activities/", leads.Activities.as_view(), name="api-activities"),
    path("leads/<int:lead_id>/recycle/", leads.Recycle.as_view(), name="api-recycle"),
    path("leads/<int:lead_id>/disqualify/", leads.Disqualify.as_view(), name="api-disqualify"),
    path("accounts/", leads.Accounts.as_view(), name="api-accounts"),
    path("accounts/<int:account_id>/merge/", leads.MergeAccounts.as_view(), name="api-merge-accounts"),
    path("accounts/<int:account_id>/", leads.OneAccount.as_view(), name="api-account"),
    path("persons/", leads.Persons.as_view(), name="api-persons"),
    path("persons/<int:person_id>/", leads.OnePerson.as_view(), name="api-person"),
    path("persons/<int:person_id>/merge/", leads.Merge.as_view(), name="api-merge"),
    path("deals/", deals.Deals.as_view(), name="api-deals"),
    path("deals/<int:deal_id>/", deals.OneDeal.as_view(), name="api-deal"),
    path("deals/<int:deal_id>/step/", deals.Step.as_view(), name="api-step"),
    path("deals/<int:deal_id>/lose/", deals.Lose.as_view(), name="api-lose"),
    path("deals/<int:deal_id>/reopen/", deals.Reopen.as_view(), name="api-reopen"),
    path("deals/<int:deal_id>/kickoff/", deals.Kickoff.as_view(), name="api-kickoff"),
    path("deals/<int:deal_id>/hold-kickoff/", deals.HoldKickoff.as_view(), name="api-hold-kickoff"),
    path("deals/<int:deal_id>/resend/", deals.Resend.as_view(), name="api-resend"),
    path("customers/", customers.Customers.as_view(), name="api-customers"),
    path("customers/<int:customer_id>/", customers.OneCustomer.as_view(), name="api-customer"),
    path("customers/<int:customer_id>/usage/", customers.Usage.as_view(), name="api-usage"),
    path("customers/<int:customer_id>/surveys/", customers.Surveys.as_view(), name="api-surveys"),
    path("customers/<int:customer_id>/health/", customers.Health.as_view(), name="api-health"),
    path("customers/<int:customer_id>/onboard/", customers.Onboard.as_view(), name="api-onboard"),
    path("customers/<int:customer_id>/renew/", customers.Renew.as_view(), name="api-renew"),
    path("customers/<int:customer_id>/notice/", customers.Notice.as_view(), name="api-notice"),
    path("customers/<int:customer_id>/end/", customers.End.as_view(), name="api-end"),
    path("customers/<int:customer_id>/advocacy/", customers.Advocacy.as_view(), name="api-advocacy"),
    path("customers/<int:customer_id>/case/", customers.Case.as_view(), name="api-case"),
    path("customers/<int:customer_id>/referrals/", customers.Referrals.as_view(), name="api-referrals"),
    path("events/", ledger.Events.as_view(), name="api-events"),
    path("events/<int:event_id>/", ledger.OneEvent.as_view(), name="api-event"),
    path("members/", ledger.Members.as_view(), name="api-members"),
    path("reasons/", ledger.Reasons.as_view(), name="api-reasons"),
    path("problems/<slug:code>/", ledger.ProblemKind.as_view(), name="api-problem"),
]
