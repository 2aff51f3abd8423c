"""A device is forgotten, and whoever holds it is signed out there."""

from uuid import UUID

from accounts.models import User
from accounts.record import record
from accounts.sessions import end_session
from core.errors import Conflict, NotFound
from core.unit_of_work import unit_of_work
from realtime.devices.selectors import devices_of
from realtime.models import Device, DeviceLease, ReceiptPosition


class DeviceNotFound(NotFound):
    code = "device_not_found"
    title = "Device not found"


class DeviceInUse(Conflict):
    code = "device_in_use"
    title = "This is the device that you are using: sign out instead"


def forget_device(*, user: User, device_id: UUID, session_key: str) -> None:
    """End the sign-in with which the device connected, in every estate, and forget what it had received.

    Its socket closes within seconds. `session_key`: the asker's own. Raises `DeviceNotFound`, and `DeviceInUse` where
    that would sign him out himself.
    """
    with unit_of_work():
        device = devices_of(user).filter(pk=device_id).first()
        if device is None:
            raise DeviceNotFound
        if device.session_key and device.session_key == session_key:
            raise DeviceInUse
        record(user, "accounts.device.forgotten", {"device": device.name})
        if device.session_key:
            end_session(user, device.session_key, action="accounts.session.ended")
        of_it = {"membership_id": device.membership_id, "device": device.name}
        ReceiptPosition.objects.of(device.estate_id).filter(**of_it).delete()
        DeviceLease.objects.of(device.estate_id).filter(**of_it).delete()
        Device.objects.of(device.estate_id).filter(pk=device.pk).delete()
