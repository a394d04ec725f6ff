"""The symbols of the 118 chemical elements, in order of atomic number.

The composition parser and the tables both read this list; it imports nothing.
"""

from __future__ import annotations

from typing import Final

_TEXT = """
H He
Li Be B C N O F Ne
Na Mg Al Si P S Cl Ar
K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe
Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu
Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn
Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr
Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
"""

#: Symbols by atomic number: ``SYMBOLS[n - 1]`` is element number ``n``.
SYMBOLS: Final[tuple[str, ...]] = tuple(_TEXT.split())

#: Atomic number by symbol.
ATOMIC_NUMBER: Final[dict[str, int]] = {
    symbol: number for number, symbol in enumerate(SYMBOLS, start=1)
}
