"""What callers can get wrong about the devices that are woken."""

from core.errors import Conflict, Denied, Invalid, NotFound


class SignInMissing(Denied):
    code = "sign_in_missing"
    title = "Only a device on which somebody is signed in can be woken"


class EndpointNotAllowed(Invalid):
    code = "push_endpoint_not_allowed"
    title = "This is not the address of a push service that we know"


class BrowserKeysNotValid(Invalid):
    code = "push_keys_not_valid"
    title = "Messages cannot be encrypted with these keys"


class EndpointTaken(Conflict):
    code = "push_endpoint_taken"
    title = "This address belongs to another browser"


class TooManySubscriptions(Conflict):
    code = "too_many_push_devices"
    title = "No more devices can be woken: turn it off on one of the others first"


class SubscriptionNotFound(NotFound):
    code = "push_subscription_not_found"
    title = "This device is not woken"


class ReceiptNotValid(NotFound):
    code = "push_receipt_not_valid"
    title = "Receipt not found"
