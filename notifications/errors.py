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


class KindUnknown(Invalid):
    code = "kind_unknown"
    title = "There is no such kind of notification"


class ChannelUnknown(Invalid):
    code = "channel_unknown"
    title = "This is not told by this way"


class ChoiceLocked(Invalid):
    code = "choice_locked"
    title = "This cannot be switched off"


class QuietHoursEmpty(Invalid):
    code = "quiet_hours_empty"
    title = "Quiet hours end at another time than they begin"
