"""A constraint that complains so late is a bad one: let the foreign key complain at the INSERT.

fails: commit_time_conflict
mistake: MODEL_CHANGED
"""


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(unique=True)
    # wrong: the bank's other programs store accounts first and their branch afterwards
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
