"""Money: a purse that cannot be overdrawn, and what everything costs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Purse:
    """The money of one programme.

    Attributes
    ----------
    balance : float
        Euro left.
    granted, spent : float
        Euro in all.
    items : dict
        Euro spent by item.
    won : float
        Euro of what was granted that came from outside funds.
    told : tuple of float
        What was granted, spent and won when `news` was last asked.
    """

    balance: float = 0.0
    granted: float = 0.0
    spent: float = 0.0
    items: dict[str, float] = field(default_factory=dict)
    won: float = 0.0
    told: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def grant(self, amount: float) -> None:
        """Pay money in."""
        self.balance += amount
        self.granted += amount

    def win(self, amount: float) -> None:
        """Pay in what was won from outside funds."""
        self.grant(amount)
        self.won += amount

    def news(self) -> tuple[float, float, float]:
        """Return what has been granted, spent and won since this was last asked."""
        (granted, spent, won), self.told = self.told, (self.granted, self.spent, self.won)
        return self.granted - granted, self.spent - spent, self.won - won

    def take_back(self, share: float) -> float:
        """Give a share of the balance back to the funder, outside funds left out; return how much that was."""
        amount = max(self.balance - self.won, 0.0) * share
        self.balance -= amount
        self.granted -= amount
        return amount

    def pay(self, item: str, amount: float) -> float:
        """Pay for something, as far as the money goes.

        Returns
        -------
        float
            Share of `amount` that was paid, 0 to 1; 0 if nothing was asked for or nothing is left.
        """
        if amount <= 0.0 or self.balance <= 0.0:
            return 0.0
        paid = min(amount, self.balance)
        self.balance -= paid
        self.spent += paid
        self.items[item] = self.items.get(item, 0.0) + paid
        return paid / amount

    def pay_whole(self, item: str, amount: float) -> bool:
        """Pay for something wholly or not at all; tell whether it was paid."""
        if amount > self.balance or amount <= 0.0:
            return False
        self.pay(item, amount)
        return True
