"""Names that nobody bears: built from syllables, so that none can be known beforehand.

Training and evaluation build from different syllables (`seen` false is evaluation), so a name of an
evaluation world was never met in training.
"""

import random
from dataclasses import dataclass

_ONSETS = """
b br c ch cl cr d dr f fl fr g gl gr h j k kn l m n p ph pl pr qu r s sc sh sk sl sm sn sp st
str sw t th tr tw v w wh y z
""".split()
_VOWELS = """
a e i o u ai au ea ee ei ie oa oo ou ow y
""".split()
_CODAS = """
b ck d dge ff g l ld lk ll lm lt m mb mp n nd ng nk nt p r rb rd rk rl rm rn rp rt s sh sk sp ss
st t th tch v x
""".split()
_ENDS = (
    "",
    "",
    "",
    "a",
    "o",
    "er",
    "en",
    "is",
    "on",
    "el",
    "ia",
    "us",
    "ara",
    "ine",
    "and",
    "ock",
    "ley",
    "ow",
)

_GIVEN = """
Ada Amir Anouk Arvid Astrid Bela Bram Carmen Cyrus Dagny Dario Edda Elif Emeka Enzo Esme Farid
Femi Freya Gaia Goran Greta Hana Hugo Ida Imani Ines Ivo Jana Jonas Kamal Keiko Lars Leila Lena
Liam Livia Magnus Maja Malik Mira Nadia Nils Noor Olga Omar Oskar Otis Paola Petra Priya Quinn
Rafael Rana Renata Rosa Ruben Sami Sanna Selma Sigrid Sven Tara Theo Tomas Ugo Uma Vera Viktor
Wanda Wilma Yara Yusuf Zara Zeno
""".split()
_GIVEN_NEW = """
Agnes Alvaro Anton Beatrix Bruno Celeste Cosima Dmitri Dunja Eero Fabian Fiona Gideon Hedda Iris
Isak Jasper Kalle Katya Linus Lorena Marek Milo Nerea Odile Pavel Ramona Ronan Sibyl Silas
Tamsin Tindra Ulrich Valeska Wouter Xenia Yannick Zelda
""".split()

_PLACES = """
bridge burn bury by combe dale den fell field ford gate ham haven hill hurst ley mere minster
mouth port stead stow ton vale well wick wood worth
""".split()
_FIRMS = """
Works Tools Foods Labs Systems Mills Logistics Energy Textiles Instruments Partners Industries
Robotics Gardens Press Optics Marine Dairy Ceramics Trust Foundation Institute Society College
Group Bank Insurance Travel Records Pharma
""".split()
_BUILDINGS = """
House Hall Tower Court Lodge Centre Pavilion Annex Gallery Library Museum Works Depot Inn
""".split()
_EVENTS = """
Summit Fair Festival Forum Workshop Cup Regatta Marathon Symposium Days Week Trek Open Rally
Course Seminar
""".split()
_PROJECTS = """
Project Programme Initiative Operation
""".split()
_PLANS = """
Basic Plus Family Premium Starter Team Gold Silver Flex Travel Student Senior Core Max Light
""".split()
_TEAMS = """
Platform Archive Billing Outreach Field Growth Safety Night Support Design Quality Fleet Harvest
Data
""".split()
_SOFTWARE = """
Sync Desk Board Vault Note Flow Cast Grid Pilot Hub Track Forge
""".split()
_POLICIES = """
travel expense remote work parental leave visitor data retention password equipment overtime
training bicycle parking dress pet guest device sabbatical
""".split()
_SUBJECTS = """
onboarding safety tenancy archive catering warranty laboratory transport payroll maintenance
returns privacy volunteer
""".split()
_SERVICES = "Express Line Care Connect Direct Assist Post Rescue".split()
_VEHICLES = "van truck ferry tram bicycle scooter coach tractor".split()
_PAPERS = "agreement guide contract handbook notice".split()
_DISHES = """
stew soup pie curry salad tart pudding dumplings bread broth pancakes risotto
""".split()
_MACHINES = """
press lathe pump boiler conveyor mixer loom crane kiln turbine chiller saw
""".split()
_BEASTS = """
finch heron vole beetle newt hare moth trout lark otter owl toad
""".split()
_GREENS = """
fern sage lily thistle clover moss orchid barley plum willow reed heath
""".split()
_GOODS = """
lamp kettle drill camera scooter blender tent backpack heater radio thermostat speaker sensor
mower stroller jacket desk chair sofa violin bicycle scale router printer
""".split()
_COLOURS = """
amber azure beige bronze charcoal cobalt copper coral cream crimson emerald indigo ivory
lavender lime maroon mint mustard navy ochre olive orange pearl plum purple rust sand scarlet
silver teal turquoise violet white black grey green red blue yellow brown pink
""".split()


@dataclass(frozen=True)
class Names:
    """A maker of names; one of training and one of evaluation share no syllable pair."""

    rng: random.Random
    seen: bool = True

    def stem(self) -> str:
        """A made-up word of one or two syllables and an ending."""
        rng = self.rng
        while True:
            count = rng.choice((1, 1, 2))
            first = rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)
            # The two worlds part at the first syllable.
            if (_checksum(first) % 8 == 0) == self.seen:
                continue
            word = first
            if count == 2:
                word += rng.choice(_VOWELS) + rng.choice(_CODAS)
            return (word + rng.choice(_ENDS)).capitalize()

    def person(self) -> str:
        given = self.rng.choice(_GIVEN if self.seen else _GIVEN_NEW)
        title = self.rng.choice(("", "", "", "", "", "", "Dr ", "Professor "))
        return f"{title}{given} {self.stem()}"

    def place(self) -> str:
        return self.stem() + (self.rng.choice(_PLACES) if self.rng.random() < 0.6 else "")

    def organisation(self) -> str:
        return f"{self.stem()} {self.rng.choice(_FIRMS)}"

    def building(self) -> str:
        return f"{self._the()}{self.stem()} {self.rng.choice(_BUILDINGS)}"

    def event(self) -> str:
        return f"the {self.stem()} {self.rng.choice(_EVENTS)}"

    def project(self) -> str:
        rng = self.rng
        return rng.choice((f"{rng.choice(_PROJECTS)} {self.stem()}", f"the {self.stem()} project"))

    def product(self) -> str:
        rng = self.rng
        name = self.stem()
        if rng.random() < 0.4:
            name += rng.choice(
                (
                    f" {rng.randint(2, 9)}",
                    f" {rng.randint(1, 9)}0",
                    " Pro",
                    " Mini",
                    " XL",
                    " Air",
                    f" {rng.choice('ABCDEFGHKMRSTX')}{rng.randint(1, 9)}",
                )
            )
        kind = f" {rng.choice(_GOODS)}" if rng.random() < 0.3 else ""
        return f"{self._the(0.6)}{name}{kind}"

    def policy(self) -> str:
        rng = self.rng
        topic = rng.choice(_POLICIES)
        return rng.choice(
            (
                f"the {self.stem()} {topic} policy",
                f"the {topic} policy of {self.organisation()}",
                f"{self.stem()}'s {topic} policy",
            )
        )

    def service(self) -> str:
        return f"{self._the(0.3)}{self.stem()} {self.rng.choice(_SERVICES)}"

    def vehicle(self) -> str:
        return f"the {self.stem()} {self.rng.choice(_VEHICLES)}"

    def plan(self) -> str:
        return f"the {self.stem()} {self.rng.choice(_PLANS)} plan"

    def course(self) -> str:
        return f"the {self.stem()} {self.rng.choice(('course', 'workshop', 'class', 'seminar'))}"

    def dish(self) -> str:
        return f"{self.stem()} {self.rng.choice(_DISHES)}"

    def software(self) -> str:
        return self.stem() + self.rng.choice(("", " ", "")) + self.rng.choice(_SOFTWARE)

    def team(self) -> str:
        return f"the {self.stem() if self.rng.random() < 0.6 else self.rng.choice(_TEAMS)} team"

    def animal(self) -> str:
        return f"the {self.stem()} {self.rng.choice(_BEASTS)}"

    def plant(self) -> str:
        return f"the {self.stem()} {self.rng.choice(_GREENS)}"

    def document(self) -> str:
        rng = self.rng
        return f"the {self.stem()} {rng.choice(_SUBJECTS)} {rng.choice(_PAPERS)}"

    def machine(self) -> str:
        return f"the {self.stem()} {self.rng.choice(_MACHINES)}"

    def book(self) -> str:
        return f"{self.stem()} and the {self.rng.choice(_BEASTS).capitalize()}"

    def _the(self, share: float = 0.5) -> str:
        return "the " if self.rng.random() < share else ""


def colour(rng: random.Random) -> str:
    return rng.choice(_COLOURS)


def _checksum(word: str) -> int:
    return sum((place + 1) * ord(letter) for place, letter in enumerate(word))
