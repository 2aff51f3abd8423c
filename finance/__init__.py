"""Money: ledger, wallets, dues, invoices, payments."""
