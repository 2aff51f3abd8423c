"""What can be done with duty and guard posts."""

from staff.services.duty import end_duty, start_duty
from staff.services.pairing import pair_device, unpair_device
from staff.services.posts import add_post, archive_post, change_post

__all__ = [
    "add_post",
    "archive_post",
    "change_post",
    "end_duty",
    "pair_device",
    "start_duty",
    "unpair_device",
]
