r"""Names of LaTeX's characters, by what they are in MathML."""

from __future__ import annotations

from typing import Final

_GREEK: Final = (
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ "
    "vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ varrho ϱ sigma σ "
    "varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ "
    "Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"
)
_OTHERS: Final = (
    "infty ∞ partial ∂ nabla ∇ hbar ℏ ell ℓ AA Å degree ° emptyset ∅ ldots … dots … "
    "textmu µ textdegree °"
)
_OPERATORS: Final = (
    "cdot ⋅ times × div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ "
    "ne ≠ approx ≈ sim ∼ simeq ≃ equiv ≡ propto ∝ ll ≪ gg ≫ in ∈ cap ∩ cup ∪ "
    "to → rightarrow → leftarrow ← cdots ⋯ prime ′ forall ∀ exists ∃ mid ∣ "
    "lt < gt > colon :"
)


def _named(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


IDENTIFIERS: Final = _named(_GREEK) | _named(_OTHERS) | {c: c for c in "%_#$&"}
OPERATORS: Final = _named(_OPERATORS)
BIG: Final = {"sum": "∑", "prod": "∏", "int": "∫"}
FUNCTIONS: Final = frozenset(
    "ln log exp sin cos tan cot arcsin arccos arctan sinh cosh tanh det dim deg".split()
)
LIMITS: Final = frozenset("max min lim sup inf".split())
DELIMITERS: Final = {
    "{": "{",
    "}": "}",
    "|": "‖",
    "lbrace": "{",
    "rbrace": "}",
    "lbrack": "[",
    "rbrack": "]",
    "vert": "|",
    "lvert": "|",
    "rvert": "|",
    "Vert": "‖",
    "langle": "⟨",
    "rangle": "⟩",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
}
SPACES: Final = {
    name: f'<mspace width="{width}em"/>'
    for names, width in (
        (", thinspace", "0.167"),
        (": > medspace", "0.222"),
        ("; thickspace", "0.278"),
        ("! negthinspace", "-0.167"),
        ("quad", "1"),
        ("qquad", "2"),
    )
    for name in names.split()
} | {" ": '<mspace width="0.25em"/>'}
PUNCTUATION: Final = {"*": "∗", "−": "−"}
