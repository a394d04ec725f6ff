"""Every way of writing a formula down, as methods of :class:`Formula`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.formula.printers.latex import to_latex
from hecsr.formula.printers.text import to_text
from hecsr.formula.printers.typst import to_typst

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import sympy

    from hecsr.formula.expression import Array, Expression
    from hecsr.formula.formula import Formula, Target
    from hecsr.formula.rounding import RoundingError


class Writing:
    """Text, typesetting, program source, spreadsheets and notebooks."""

    expression: Expression
    variables: tuple[Descriptor, ...]
    target: Target

    @property
    def _formula(self) -> Formula:
        return cast("Formula", self)

    @property
    def constants(self) -> dict[str, float]:
        """Coefficient values by name."""
        raise NotImplementedError

    def to_text(self, digits: int | None = 4) -> str:
        """Plain text; with ``digits=None`` exact."""
        return to_text(self.expression, self.constants, digits)

    def to_latex(self, digits: int | None = 4, *, equation: bool = False) -> str:
        """LaTeX of the right-hand side, or of the whole equation."""
        symbols = {d.name: d.latex or plain(d.name).latex for d in self.variables}
        right = to_latex(self.expression, symbols, dict(self.constants), digits)
        return f"{self.target.latex} = {right}" if equation else right

    def to_typst(self, digits: int | None = 4, *, equation: bool = False) -> str:
        """Typst of the right-hand side, or of the whole equation."""
        symbols = {d.name: d.typst or plain(d.name).typst for d in self.variables}
        right = to_typst(self.expression, symbols, dict(self.constants), digits)
        return f"{self.target.typst} = {right}" if equation else right

    def to_markdown(self, digits: int | None = 4) -> str:
        """Mathematics of the whole equation as Markdown shows it."""
        from hecsr.formula.printers.markdown import mathematics

        return mathematics(self.to_latex(digits, equation=True))

    def to_sympy(self) -> sympy.Expr:
        """SymPy expression with the coefficients' values."""
        from hecsr.formula.printers.sympy import to_sympy

        return to_sympy(self.expression, self.constants)

    def to_code(self, language: str, name: str | None = None) -> str:
        """Source of one function in ``numpy``, ``c``, ``julia`` or ``matlab``.

        As :func:`hecsr.formula.printers.code.to_code`.
        """
        from hecsr.formula.printers.code import to_code

        return to_code(self._formula, language, name)

    def to_excel(self, cells: Mapping[str, str] | None = None) -> str:
        """Content of a cell that computes the formula, by default from A2, B2, ...

        As :func:`hecsr.formula.printers.excel.to_excel`.
        """
        from hecsr.formula.printers.excel import to_excel

        return to_excel(self._formula, cells)

    def to_workbook(
        self,
        data: pd.DataFrame | Mapping[str, Array] | None = None,
    ) -> bytes:
        """Bytes of an .xlsx workbook that computes the formula row by row.

        As :func:`hecsr.formula.printers.workbook.to_workbook`.
        """
        from hecsr.formula.printers.workbook import to_workbook

        return to_workbook(self._formula, data)

    def variables_table(self, form: str = "text", label: str = "") -> str:
        """Symbols, meanings, units and fitted ranges of the variables.

        In ``text``, ``markdown``, ``latex`` (booktabs), ``typst`` or ``html``.
        """
        from hecsr.formula.printers.sheets import write_sheet
        from hecsr.formula.sheet import variables_sheet

        return write_sheet(variables_sheet(self._formula), form, label)

    def coefficients_table(self, form: str = "text", label: str = "") -> str:
        """Coefficients with standard errors given this form, and units."""
        from hecsr.formula.printers.sheets import write_sheet
        from hecsr.formula.sheet import coefficients_sheet

        return write_sheet(coefficients_sheet(self._formula), form, label)

    def rounded(
        self,
        digits: int | Mapping[str, int] | None = None,
    ) -> Formula:
        """Return the formula with its coefficients rounded, as for print.

        As :func:`hecsr.formula.rounding.rounded`; what it costs on data,
        :meth:`rounding_error` tells.
        """
        from hecsr.formula.rounding import rounded

        return rounded(self._formula, digits)

    def rounding_error(
        self,
        data: pd.DataFrame | Mapping[str, Array],
        digits: int | Mapping[str, int] | None = None,
    ) -> RoundingError:
        """Return how far the rounded formula is from the exact one on data."""
        from hecsr.formula.rounding import rounding_error

        return rounding_error(self._formula, data, digits)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.to_latex(equation=True)}$"

    def _repr_html_(self) -> str:
        from hecsr.formula.notebook import page

        return page(self._formula)

    def __repr__(self) -> str:
        from hecsr.formula.notebook import short

        return short(self._formula)
