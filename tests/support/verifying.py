"""`python -m tests.support.verifying`: prints each place where an estate's audit chain does not hold."""

import os


def _main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")
    import django

    django.setup()
    from core.audit import breaks_in
    from core.models import AuditChain

    for estate_id in AuditChain.objects.values_list("estate_id", flat=True):
        for place in breaks_in(estate_id):
            print(f"{estate_id}: {place}")


if __name__ == "__main__":
    _main()
