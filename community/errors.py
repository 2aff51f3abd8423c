"""What can go wrong between neighbours."""

from core.errors import Denied, Invalid


class NotResident(Denied):
    code = "not_resident"
    title = "The directory is for those who live here today"


class NameHidden(Invalid):
    code = "name_hidden"
    title = "Whoever shows anything shows his name as well"
