"""What callers of this app's doors can get wrong."""

from core.errors import Denied, Invalid, NotFound


class SignatureWrong(Denied):
    code = "signature_wrong"
    title = "The request is not signed by the provider"


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"
    title = "Delivery not found"


class CallbackNotUnderstood(Invalid):
    code = "callback_not_understood"
    title = "The status callback lacks something"
