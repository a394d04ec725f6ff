"""The literature of the methods, and which of it a study rests on."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hecsr.report.view import View


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a bibliography: its key, its type and its fields in BibTeX."""

    key: str
    kind: str
    fields: Mapping[str, str]


def _entry(key: str, kind: str, **fields: str) -> Entry:
    return Entry(key, kind, MappingProxyType(fields))


ENGINES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sisso": "ouyang2018sisso",
        "lasso": "tibshirani1996lasso",
        "operon": "burlacu2020operon",
        "pysr": "cranmer2023pysr",
    }
)
"""The key of what each engine's method was published in."""
_BLACK_BOXES: Final = {
    "rf": "breiman2001forests",
    "svm": "cortes1995svm",
    "knn": "cover1967neighbour",
    "boosting": "friedman2001boosting",
    "tree": "breiman1984cart",
    "gp": "rasmussen2006gp",
}
_RULES: Final = {"one rule": "holte1993rules"}

_ALL: Final = (
    _entry(
        "ouyang2018sisso",
        "article",
        author="Ouyang, Runhai and Curtarolo, Stefano and Ahmetcik, Emre and "
        "Scheffler, Matthias and Ghiringhelli, Luca M.",
        title="{SISSO}: A compressed-sensing method for identifying the best "
        "low-dimensional descriptor in an immensity of offered candidates",
        journal="Physical Review Materials",
        volume="2",
        pages="083802",
        year="2018",
        doi="10.1103/PhysRevMaterials.2.083802",
    ),
    _entry(
        "tibshirani1996lasso",
        "article",
        author="Tibshirani, Robert",
        title="Regression Shrinkage and Selection via the Lasso",
        journal="Journal of the Royal Statistical Society: Series B",
        volume="58",
        pages="267--288",
        year="1996",
        doi="10.1111/j.2517-6161.1996.tb02080.x",
    ),
    _entry(
        "burlacu2020operon",
        "inproceedings",
        author="Burlacu, Bogdan and Kronberger, Gabriel and Kommenda, Michael",
        title="{Operon C++}: An Efficient Genetic Programming Framework for Symbolic "
        "Regression",
        booktitle="Proceedings of the 2020 Genetic and Evolutionary Computation "
        "Conference Companion",
        pages="1562--1570",
        year="2020",
        doi="10.1145/3377929.3398099",
    ),
    _entry(
        "cranmer2023pysr",
        "misc",
        author="Cranmer, Miles",
        title="Interpretable Machine Learning for Science with {PySR} and "
        "{SymbolicRegression.jl}",
        note="arXiv:2305.01582",
        eprint="2305.01582",
        archiveprefix="arXiv",
        year="2023",
        doi="10.48550/arXiv.2305.01582",
    ),
    _entry(
        "pedregosa2011sklearn",
        "article",
        author="Pedregosa, Fabian and others",
        title="Scikit-learn: Machine Learning in {Python}",
        journal="Journal of Machine Learning Research",
        volume="12",
        pages="2825--2830",
        year="2011",
    ),
    _entry(
        "breiman2001forests",
        "article",
        author="Breiman, Leo",
        title="Random Forests",
        journal="Machine Learning",
        volume="45",
        pages="5--32",
        year="2001",
        doi="10.1023/A:1010933404324",
    ),
    _entry(
        "cortes1995svm",
        "article",
        author="Cortes, Corinna and Vapnik, Vladimir",
        title="Support-vector networks",
        journal="Machine Learning",
        volume="20",
        pages="273--297",
        year="1995",
        doi="10.1007/BF00994018",
    ),
    _entry(
        "cover1967neighbour",
        "article",
        author="Cover, Thomas M. and Hart, Peter E.",
        title="Nearest neighbor pattern classification",
        journal="IEEE Transactions on Information Theory",
        volume="13",
        pages="21--27",
        year="1967",
        doi="10.1109/TIT.1967.1053964",
    ),
    _entry(
        "friedman2001boosting",
        "article",
        author="Friedman, Jerome H.",
        title="Greedy function approximation: A gradient boosting machine",
        journal="The Annals of Statistics",
        volume="29",
        pages="1189--1232",
        year="2001",
        doi="10.1214/aos/1013203451",
    ),
    _entry(
        "breiman1984cart",
        "book",
        author="Breiman, Leo and Friedman, Jerome H. and Olshen, Richard A. and "
        "Stone, Charles J.",
        title="Classification and Regression Trees",
        publisher="Wadsworth",
        year="1984",
    ),
    _entry(
        "rasmussen2006gp",
        "book",
        author="Rasmussen, Carl Edward and Williams, Christopher K. I.",
        title="Gaussian Processes for Machine Learning",
        publisher="MIT Press",
        year="2006",
    ),
    _entry(
        "holte1993rules",
        "article",
        author="Holte, Robert C.",
        title="Very Simple Classification Rules Perform Well on Most Commonly Used "
        "Datasets",
        journal="Machine Learning",
        volume="11",
        pages="63--90",
        year="1993",
        doi="10.1023/A:1022631118932",
    ),
    _entry(
        "lundberg2017shap",
        "inproceedings",
        author="Lundberg, Scott M. and Lee, Su-In",
        title="A Unified Approach to Interpreting Model Predictions",
        booktitle="Advances in Neural Information Processing Systems 30",
        pages="4765--4774",
        year="2017",
        eprint="1705.07874",
        archiveprefix="arXiv",
    ),
    _entry(
        "apley2020ale",
        "article",
        author="Apley, Daniel W. and Zhu, Jingyu",
        title="Visualizing the effects of predictor variables in black box supervised "
        "learning models",
        journal="Journal of the Royal Statistical Society: Series B",
        volume="82",
        pages="1059--1086",
        year="2020",
        doi="10.1111/rssb.12377",
    ),
    _entry(
        "davison1997bootstrap",
        "book",
        author="Davison, A. C. and Hinkley, D. V.",
        title="Bootstrap Methods and their Application",
        publisher="Cambridge University Press",
        year="1997",
    ),
    _entry(
        "nadeau2003inference",
        "article",
        author="Nadeau, Claude and Bengio, Yoshua",
        title="Inference for the Generalization Error",
        journal="Machine Learning",
        volume="52",
        pages="239--281",
        year="2003",
        doi="10.1023/A:1024068626366",
    ),
    _entry(
        "holm1979multiple",
        "article",
        author="Holm, Sture",
        title="A Simple Sequentially Rejective Multiple Test Procedure",
        journal="Scandinavian Journal of Statistics",
        volume="6",
        pages="65--70",
        year="1979",
    ),
    _entry(
        "lei2018conformal",
        "article",
        author="Lei, Jing and G'Sell, Max and Rinaldo, Alessandro and Tibshirani, "
        "Ryan J. and Wasserman, Larry",
        title="Distribution-Free Predictive Inference for Regression",
        journal="Journal of the American Statistical Association",
        volume="113",
        pages="1094--1111",
        year="2018",
        doi="10.1080/01621459.2017.1307116",
    ),
    _entry(
        "rucker2007scrambling",
        "article",
        author=r"R{\"u}cker, Christoph and R{\"u}cker, Gerta and Meringer, Markus",
        title="y-Randomization and Its Variants in {QSPR/QSAR}",
        journal="Journal of Chemical Information and Modeling",
        volume="47",
        pages="2345--2357",
        year="2007",
        doi="10.1021/ci700157b",
    ),
    _entry(
        "breiman2001cultures",
        "article",
        author="Breiman, Leo",
        title="Statistical Modeling: The Two Cultures",
        journal="Statistical Science",
        volume="16",
        pages="199--231",
        year="2001",
        doi="10.1214/ss/1009213726",
    ),
    _entry(
        "hoeting1999averaging",
        "article",
        author="Hoeting, Jennifer A. and Madigan, David and Raftery, Adrian E. and "
        "Volinsky, Chris T.",
        title="{Bayesian} Model Averaging: A Tutorial",
        journal="Statistical Science",
        volume="14",
        pages="382--417",
        year="1999",
        doi="10.1214/ss/1009212519",
    ),
    _entry(
        "gramatica2007validation",
        "article",
        author="Gramatica, Paola",
        title="Principles of {QSAR} models validation: internal and external",
        journal="QSAR \\& Combinatorial Science",
        volume="26",
        pages="694--701",
        year="2007",
        doi="10.1002/qsar.200610151",
    ),
)
METHODS: Final[Mapping[str, Entry]] = MappingProxyType({e.key: e for e in _ALL})
"""What may be cited, by key; :func:`used` says what of it a study needs."""


def tool(version: str) -> Entry:
    """Return the entry of this package, in the words of ``CITATION.cff``."""
    return _entry(
        "hecsr",
        "misc",
        author="{the hecsr developers}",
        title="hecsr: interpretable symbolic regression for high-entropy ceramics",
        howpublished=f"Software, version {version}" if version else "Software",
        year="2026",
    )


def used(view: View) -> tuple[Entry, ...]:
    """Return what the study's methods were published in, each once."""
    return tuple(METHODS[key] for key in dict.fromkeys(_keys(view)))


def _keys(view: View) -> Iterator[str]:
    result = view.result
    for one in result.competitors:
        if one.kind == "formula" and one.engine in ENGINES:
            yield ENGINES[one.engine]
    boxes = [c.name for c in result.competitors if c.kind == "black box"]
    if boxes:
        yield "pedregosa2011sklearn"
    yield from (_BLACK_BOXES[name] for name in boxes if name in _BLACK_BOXES)
    yield from (_RULES[c.name] for c in result.competitors if c.name in _RULES)
    if len(result.importance) and result.importance["method"].eq("permutation").any():
        yield "breiman2001forests"
    if result.shap:
        yield "lundberg2017shap"
    if result.agreement is not None:
        yield from ("friedman2001boosting", "apley2020ale")
    if result.intervals is not None:
        yield "davison1997bootstrap"
    if result.significance is not None:
        yield from ("nadeau2003inference", "holm1979multiple")
    if any(f.formula.interval is not None for f in view.chosen):
        yield "lei2018conformal"
    if result.chance is not None:
        yield "rucker2007scrambling"
    if result.rashomon:
        yield from ("breiman2001cultures", "hoeting1999averaging")
    if result.applicability is not None:
        yield "gramatica2007validation"
