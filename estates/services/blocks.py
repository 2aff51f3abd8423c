"""Blocks, streets and closes: what an estate's homes stand in."""

from uuid import UUID

from core.audit import record
from core.unit_of_work import unit_of_work
from estates.errors import BlockExists, BlockInUse, BlockNotFound
from estates.members import Member
from estates.models import Block, Estate, Unit
from estates.permissions import Permission, require
from estates.services.holding import hold_estate, words_of


def add_block(*, actor: Member, estate: Estate, name: str) -> Block:
    """A block without a home yet. Raises `BlockExists`, `NameMissing`."""
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        hold_estate(estate)
        block = Block.objects.create(estate=estate, name=_free_name(estate, name))
        record(actor, "estates.block.created", block, {"name": block.name})
        return block


def rename_block(*, actor: Member, estate: Estate, block_id: UUID, name: str) -> Block:
    """The same homes under another name. Raises `BlockExists`, `BlockNotFound`, `NameMissing`."""
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        hold_estate(estate)
        block = get_block(estate, block_id)
        words = _free_name(estate, name, besides=block)
        if words != block.name:
            record(actor, "estates.block.changed", block, {"name": [block.name, words]})
            block.name = words
            block.save(update_fields=["name"])
        return block


def remove_block(*, actor: Member, estate: Estate, block_id: UUID) -> None:
    """Delete one that has no home. Raises `BlockInUse`, `BlockNotFound`."""
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        hold_estate(estate)
        block = get_block(estate, block_id)
        if Unit.objects.of(estate).filter(block=block).exists():
            raise BlockInUse
        record(actor, "estates.block.removed", block, {"name": block.name})
        block.delete()


def get_block(estate: Estate, block_id: UUID) -> Block:
    """Raises `BlockNotFound`."""
    block = Block.objects.of(estate).filter(pk=block_id).first()
    if block is None:
        raise BlockNotFound
    return block


def block_called(estate: Estate, given: str) -> Block:
    """The block of this name, whatever its case; made where it is missing. Raises `NameMissing`."""
    name = words_of(given, "block")
    found = Block.objects.of(estate).filter(name__iexact=name).first()
    return found or Block.objects.create(estate=estate, name=name)


def _free_name(estate: Estate, given: str, *, besides: Block | None = None) -> str:
    name = words_of(given, "name")
    others = Block.objects.of(estate).filter(name__iexact=name)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    if others.exists():
        raise BlockExists(field="name")
    return name
