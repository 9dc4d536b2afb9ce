"""Bridgework."""
