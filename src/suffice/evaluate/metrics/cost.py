"""US dollars that the answer cost; unscored where the price is not known."""

from dataclasses import dataclass
from typing import ClassVar

from suffice.ports import Context
from suffice.records import Aspect, Score

_NO_PRICE = "the price of the model is not known; set price: in suffice.yaml"


@dataclass(frozen=True, slots=True)
class Cost:
    """`max_usd` marks dearer answers in the detail; the value stays the dollars."""

    name: ClassVar[str] = "cost"
    aspect: ClassVar[Aspect] = Aspect.COST

    max_usd: float | None = None

    def score(self, context: Context) -> Score:
        usd = context.answer.usd
        if usd is None:
            return Score("cost", Aspect.COST, None, _NO_PRICE)
        dear = self.max_usd is not None and usd > self.max_usd
        detail = f"dearer than ${self.max_usd:g}" if dear else ""
        return Score("cost", Aspect.COST, usd, None, detail)


create = Cost
