"""Redress for families: a register by reference only, apart from disputes between partners."""
