"""What a local command says when it cannot go on."""


class Problem(Exception):
    """One sentence for the person at the terminal: what is wrong, the value, the way out.

    `detail` is what a program said about it, shown below the sentence.
    """

    def __init__(self, sentence: str, *, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail
