"""An amount may be anything, so a transfer of −30 moves 30 the other way.

breaks: 10
suffered: Whoever knows Bob's number transfers −500 to Bob and is 500 richer.
"""

from bank import LARGEST, BaseModel, Field


class NewTransfer(BaseModel):
    source_id: int = Field(ge=1, le=LARGEST)
    target_id: int = Field(ge=1, le=LARGEST)
    amount: int = Field(le=LARGEST)  # wrong: no lower bound
