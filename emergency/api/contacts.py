"""The caller's own emergency contacts."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.filters import search_parameter, searched
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from emergency import services
from emergency.models import Contact
from emergency.selectors.contacts import contact_view, contacts_of
from emergency.shapes import ContactPage, ContactView, GivenContact
from estates.http import EstateView
from estates.permissions import Permission


class OldestFirst(Pages):
    orders: ClassVar = {"created_at": ("created_at", "id"), "name": ("name", "id")}
    ordering = "created_at"


class ContactsEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.KEEP_CONTACTS,
        "POST": Permission.KEEP_CONTACTS,
    }

    @extend_schema(
        operation_id="contacts",
        parameters=[search_parameter("the name or the phone"), *page_parameters(OldestFirst)],
        responses=ContactPage,
        tags=["contacts"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """Who is texted when the caller is in need and nobody answers."""
        contacts = searched(contacts_of(self.actor), request.query_params.dict(), "name", "phone")
        return paged(OldestFirst, contacts, contact_view, request, self)

    @extend_schema(
        operation_id="contact_add", request=GivenContact, responses={201: ContactView}, tags=["contacts"]
    )
    def post(self, request: Request, **kwargs: object) -> Response:
        """Add somebody."""
        data = read(request.data, GivenContact)
        contact: Contact = services.add_contact(
            actor=self.actor, estate=self.estate, name=data.name, phone=data.phone
        )
        return Response(plain(contact_view(contact)), status=201)


class ContactEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"DELETE": Permission.KEEP_CONTACTS}

    @extend_schema(operation_id="contact_remove", responses={204: None}, tags=["contacts"])
    def delete(self, request: Request, contact_id: UUID, **kwargs: object) -> Response:
        """Remove somebody."""
        services.remove_contact(actor=self.actor, estate=self.estate, contact_id=contact_id)
        return Response(status=204)
