"""What the demo made, changed and left, counted while it runs."""

from dataclasses import dataclass, field


@dataclass
class Tally:
    """The counts.

    created: resources that stacks created. copies: definitions created through Cloud Control.
    changed: tags of definitions that an update changed in place. updated: resources that an update
    changed in place. replaced: resources that an update replaced. kept: logical ids of resources
    that their stack did not delete.
    """

    created: int = 0
    copies: int = 0
    changed: int = 0
    updated: int = 0
    replaced: int = 0
    kept: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """Return the counts in words, without a full stop."""
        copies = f" in stacks and {_number(self.copies, 'definition')} through Cloud Control"
        changed = (
            _number(self.changed, "tag") if self.changed else _number(self.updated, "resource")
        )
        kept = f"{_number(len(self.kept), 'resource')} behind, as the template says"
        return (
            f"created {_number(self.created, 'resource')}{copies if self.copies else ''}, "
            f"changed {changed} in place, "
            f"replaced {_number(self.replaced, 'resource') if self.replaced else 'nothing'}, "
            f"and left {kept if self.kept else 'nothing behind'}"
        )


def _number(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
