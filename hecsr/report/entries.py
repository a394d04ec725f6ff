"""The literature of the methods, an entry for each work."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a bibliography: its key, its type and its fields in BibTeX."""

    key: str
    kind: str
    fields: Mapping[str, str]


def entry(key: str, kind: str, **fields: str) -> Entry:
    """Return an entry of fields that do not change."""
    return Entry(key, kind, MappingProxyType(fields))


_ALL: Final = (
    entry(
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
    entry(
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
    entry(
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
    entry(
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
    entry(
        "pedregosa2011sklearn",
        "article",
        author="Pedregosa, Fabian and others",
        title="Scikit-learn: Machine Learning in {Python}",
        journal="Journal of Machine Learning Research",
        volume="12",
        pages="2825--2830",
        year="2011",
    ),
    entry(
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
    entry(
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
    entry(
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
    entry(
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
    entry(
        "breiman1984cart",
        "book",
        author="Breiman, Leo and Friedman, Jerome H. and Olshen, Richard A. and "
        "Stone, Charles J.",
        title="Classification and Regression Trees",
        publisher="Wadsworth",
        year="1984",
    ),
    entry(
        "rasmussen2006gp",
        "book",
        author="Rasmussen, Carl Edward and Williams, Christopher K. I.",
        title="Gaussian Processes for Machine Learning",
        publisher="MIT Press",
        year="2006",
    ),
    entry(
        "rumelhart1986propagation",
        "article",
        author="Rumelhart, David E. and Hinton, Geoffrey E. and Williams, Ronald J.",
        title="Learning representations by back-propagating errors",
        journal="Nature",
        volume="323",
        pages="533--536",
        year="1986",
        doi="10.1038/323533a0",
    ),
    entry(
        "liu1989lbfgs",
        "article",
        author="Liu, Dong C. and Nocedal, Jorge",
        title="On the limited memory {BFGS} method for large scale optimization",
        journal="Mathematical Programming",
        volume="45",
        pages="503--528",
        year="1989",
        doi="10.1007/BF01589116",
    ),
    entry(
        "hoerl1970ridge",
        "article",
        author="Hoerl, Arthur E. and Kennard, Robert W.",
        title="Ridge Regression: Biased Estimation for Nonorthogonal Problems",
        journal="Technometrics",
        volume="12",
        pages="55--67",
        year="1970",
        doi="10.1080/00401706.1970.10488634",
    ),
    entry(
        "cox1958logistic",
        "article",
        author="Cox, D. R.",
        title="The Regression Analysis of Binary Sequences",
        journal="Journal of the Royal Statistical Society: Series B",
        volume="20",
        pages="215--242",
        year="1958",
        doi="10.1111/j.2517-6161.1958.tb00292.x",
    ),
    entry(
        "lecessie1992ridge",
        "article",
        author="le Cessie, S. and van Houwelingen, J. C.",
        title="Ridge Estimators in Logistic Regression",
        journal="Applied Statistics",
        volume="41",
        pages="191--201",
        year="1992",
        doi="10.2307/2347628",
    ),
    entry(
        "hand2001bayes",
        "article",
        author="Hand, David J. and Yu, Keming",
        title="Idiot's {Bayes}---Not So Stupid After All?",
        journal="International Statistical Review",
        volume="69",
        pages="385--398",
        year="2001",
        doi="10.1111/j.1751-5823.2001.tb00465.x",
    ),
    entry(
        "drucker1997svr",
        "inproceedings",
        author="Drucker, Harris and Burges, Christopher J. C. and Kaufman, Linda and "
        "Smola, Alex and Vapnik, Vladimir",
        title="Support Vector Regression Machines",
        booktitle="Advances in Neural Information Processing Systems 9",
        pages="155--161",
        publisher="MIT Press",
        year="1997",
    ),
    entry(
        "platt1999probabilities",
        "inproceedings",
        author="Platt, John C.",
        title="Probabilistic Outputs for Support Vector Machines and Comparisons to "
        "Regularized Likelihood Methods",
        booktitle="Advances in Large Margin Classifiers",
        pages="61--74",
        publisher="MIT Press",
        year="1999",
    ),
    entry(
        "friedman2002stochastic",
        "article",
        author="Friedman, Jerome H.",
        title="Stochastic gradient boosting",
        journal="Computational Statistics \\& Data Analysis",
        volume="38",
        pages="367--378",
        year="2002",
        doi="10.1016/S0167-9473(01)00065-2",
    ),
    entry(
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
    entry(
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
    entry(
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
    entry(
        "davison1997bootstrap",
        "book",
        author="Davison, A. C. and Hinkley, D. V.",
        title="Bootstrap Methods and their Application",
        publisher="Cambridge University Press",
        year="1997",
    ),
    entry(
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
    entry(
        "holm1979multiple",
        "article",
        author="Holm, Sture",
        title="A Simple Sequentially Rejective Multiple Test Procedure",
        journal="Scandinavian Journal of Statistics",
        volume="6",
        pages="65--70",
        year="1979",
    ),
    entry(
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
    entry(
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
    entry(
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
    entry(
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
    entry(
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
"""What may be cited, by key; :mod:`hecsr.report.methods` says what a study needs."""
