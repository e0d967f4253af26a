"""Messages to be labelled as the chat's own examples label them.

What a label is called is drawn for every chat, and often what it stands for too: the topic of a
message, the thing it speaks of, or what the writer wants. So there is nothing to learn but to find
the example most like the new message and to say its label.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nano.chats import Chat
from nano.grammar import opened
from nano.talk import PEOPLE, WORDS, invented_name, organisation, said


@dataclass(frozen=True)
class Topic:
    """What messages are about: names for it, things they mention as {it}, and the messages."""

    names: tuple[str, ...]
    items: tuple[str, ...]
    says: tuple[str, ...]


def _topic(names: str, items: str, *says: str) -> Topic:
    return Topic(tuple(names.split("|")), tuple(items.split("|")), says)


TOPICS: tuple[Topic, ...] = (
    _topic(
        "refund|money back|repayment",
        "kettle|jacket|ticket|course|lamp|phone|sofa|deposit|membership|order",
        "[I want|I would like|She wants] the money back for the {it}.",
        "[When|How soon] will I [get|see] the refund for [the|my] {it}?",
        "The {it} never came, [please|kindly] [refund|repay] me.",
        "[How do I|Where can I|Can I] [claim|ask for|get] a refund[| for the {it}]?",
        "[You promised|I was promised] a refund [last week|on {day}|a month ago].",
        "My refund [has not arrived|is still missing|is too small].",
        "[Please|Could you] [return|pay back|give back] the {n} euros for the {it}.",
        "[It has been|I have waited] {n} days and the money for the {it} is not back.",
        "Only half of [the|my] {it} was refunded.",
        "[I sent|We sent] the {it} back. Where is [my|our] money?",
    ),
    _topic(
        "delivery|shipping|parcel",
        "parcel|package|box|letter|crate|order|pallet|bookcase|bicycle|bed",
        "[Where is|Where's] my {it}?",
        "[My|Our|The] {it} [has not arrived|is late|should have come on {day}].",
        "The {it} was [left|delivered] [at the wrong door|in the rain|to a neighbour].",
        "[When|At what time] [will|does] the {it} [arrive|come|get here]?",
        "The courier [did not ring|drove past|left no card].",
        "[Can|Could] you [deliver|bring] the {it} on {day}[| instead]?",
        "Tracking [says|shows] that my {it} is [still in the depot|on the van|lost].",
        "The driver [could not find us|left the {it} outside].",
        "[Do you|Can you] [ship|deliver] to [islands|other countries|a mountain hut]?",
        "How long does [shipping|delivery] [take|usually take]?",
    ),
    _topic(
        "fault|bug|error|malfunction",
        "screen|app|button|page|search|camera|menu|website|form|player",
        "The {it} [freezes|crashes|hangs|goes black] [every time|since {day}|when I touch it].",
        "[I get|We see] an error [whenever|when] I [open|use|start] the {it}.",
        "[Nothing happens|It stops] when I [press|open|click] the {it}.",
        "The {it} [does not work|stopped working|no longer works][| since {day}].",
        "The {it} shows [the wrong number|strange signs|everything twice].",
        "[After|Since] the update the {it} is broken.",
        "[It|The {it}] closes by itself after {n} minutes.",
        "The {it} [loads|waits|spins] for ever.",
        "Error {n} [on|in] the {it}.",
        "[Something is wrong|There is a fault] [with|in] the {it}: it [flickers|jumps|repeats].",
    ),
    _topic(
        "billing|payment|charges",
        "card|bill|invoice|fee|account|direct debit|statement|subscription|plan|bank transfer",
        "[I was|We were] charged [twice|{n} euros too much|for nothing][| this month].",
        "[Why|How come] [is|was] the [fee|amount|charge] higher than [last month|agreed]?",
        "[Can|May] I pay [by|with] [card|transfer|cheque|cash]?",
        "My {it} was [declined|refused] [although|but] there is money on it.",
        "There is a [charge|payment] of {n} euros that I do not [know|recognise].",
        "[Please|Could you] send [the|my] [bill|invoice] [again|to another address].",
        "[The|Our] [tax|VAT] on the {it} is [wrong|missing].",
        "[We|I] [paid|settled] the bill on {day}, yet you [sent a reminder|ask again].",
        "[Can we|May I] pay [monthly|yearly|in three parts]?",
        "[How much|What] do I owe [you|on the {it}]?",
    ),
    _topic(
        "login|access|password|sign-in",
        "account|portal|password|profile|dashboard|user name|code|mailbox|shared folder|token",
        "[I cannot|I can't|We cannot] [log in|sign in|get in].",
        "[I forgot|I lost|I need to reset] my [password|user name|code].",
        "My account is [locked|blocked|closed][| after {n} tries].",
        "The [reset|sign-in] [mail|link|code] [never comes|has expired|does not work].",
        "[Please|Can you] [unlock|open] the account of {name}.",
        "{name} [needs|should have] access to the {it}.",
        "It says [wrong password|access denied|no such user][| again and again].",
        "[How do I|Can I] [change|reset] [my|the] password?",
        "[My new colleague|{name}] [has no rights|is not allowed] [for|on] the {it}.",
        "The second [step|code] of signing in [fails|goes to my old phone].",
    ),
    _topic(
        "wish|feature|suggestion|idea",
        "calendar|search box|dark theme|export|map|filter|reminder|keyboard|timer|widget",
        "[It would be|Would be] [nice|great|useful] to have a {it}.",
        "[Could|Can|Will] you [add|build|offer] a {it}[| one day]?",
        "[Please|Do] [think about|consider] [adding|building] a {it}.",
        "[I wish|We wish] [there were|you had|the app had] a {it}.",
        "[My|An|Our] idea: [add|offer|make] a {it}.",
        "[I miss|We miss|What is missing is] a {it}.",
        "[Any plans|Are there plans] for a {it}?",
        "[A|Some kind of] {it} would [help|save us time|be a good addition].",
        "[Suggestion|Proposal|Wish]: a {it} [for everyone|on every page|for phones].",
        "Have you thought of a {it}?",
    ),
    _topic(
        "praise|compliment|thanks",
        "staff|service|garden|new menu|driver|team|app|view|cook|teacher",
        "[I love|We love|I adore] [the|your] {it}.",
        "[What a|Such a] [wonderful|lovely|great] {it}!",
        "[Thank you|Thanks] [so much|a lot|very much] for the [kind|quick|good] help.",
        "[Your|The] {it} [made|saved] my day.",
        "[Best|Finest|Kindest] {it} [in town|I know|ever].",
        "[Please tell|Tell] {name} that [he|she] did a [great|wonderful] job.",
        "[Everything was|It all was|The evening was] [perfect|excellent|just right].",
        "[Five|Ten] stars for the {it}!",
        "[I am|We are] [so happy|delighted|very pleased] with the {it}.",
        "[Keep it up|Well done|Bravo], the {it} is [superb|a joy|splendid].",
    ),
    _topic(
        "complaint|criticism|anger",
        "staff|waiter|room|hotline|driver|soup|service|queue|tone|manager",
        "[I am|We are] [very unhappy|disappointed|angry] [with|about] the {it}.",
        "[The|Your] {it} was [rude|awful|a disgrace|terrible].",
        "[Never again|I will not come back|This was the last time].",
        "[I want|I demand] to [complain|speak to your boss].",
        "[What a|Such a] [poor|bad|horrible] {it}.",
        "[Nobody|Not one person] [said sorry|listened|cared][| about the {it}].",
        "[It is|This is] [a shame|unacceptable|a scandal] how the {it} [is|treats us].",
        "[I expected|We expected] [better|more] [of|from] you.",
        "[Worst|Rudest] {it} [I ever saw|in years].",
        "[The {it} ruined|You spoiled] our [evening|holiday|birthday].",
    ),
    _topic(
        "booking|reservation|appointment",
        "table|room|court|seat|cabin|slot|tour|boat|haircut|desk",
        "[I would like|I want|We would like] to [book|reserve] a {it} [for {n}|for {day}].",
        "[Is there|Do you have] a {it} [free|open] on {day}?",
        "[Can I|May we] have a {it} [on {day}|next week], please?",
        "[Please|Kindly] [reserve|keep] a {it} for {name}.",
        "[A|One] {it} for {n} [people|persons] on {day}.",
        "[Can we|Could we] [move|shift] our {it} [to|from] {day}?",
        "[I have|We have] a [booking|reservation] for {day}: [is it confirmed|did you get it]?",
        "How [far ahead|early] [must|should] one [book|reserve] a {it}?",
        "[An|The next] appointment on {day}, please.",
        "[Put|Write] {name} down for a {it} on {day}.",
    ),
    _topic(
        "cancellation|termination|ending",
        "contract|subscription|membership|booking|course|order|plan|trip|lesson|insurance",
        "[I want|I wish|We want] to [cancel|end|terminate] [my|our] {it}.",
        "[Please|Kindly] cancel the {it} [of {name}|for {day}].",
        "[How do I|How can I|Where do I] [cancel|end|stop] [my|the] {it}?",
        "[I no longer|We no longer] [need|want] the {it}.",
        "[Stop|End] [my|our] {it} [at once|at the end of the month|from {day}].",
        "[We|I] [cannot|can't] come on {day}, please [call off|cancel] the {it}.",
        "[What|Which] notice [must I give|is needed] to [leave|end] the {it}?",
        "[I quit|I am leaving|I give up] the {it}.",
        "[Take|Strike] me off the {it}[| from {day}].",
        "[My|Our] {it} should [not be renewed|run out|stop].",
    ),
    _topic(
        "hours|opening times|opening hours",
        "museum|shop|library|office|pool|market|bank|café|bakery|counter",
        "[When|At what time] [do you|does the {it}] [open|close]?",
        "[Are you|Is the {it}] open on {day}?",
        "[How long|Until when] is the {it} open[| today| on {day}]?",
        "[What are|Tell me] [your|the] opening [hours|times][| on {day}].",
        "[Is the {it}|Are you] closed [at lunchtime|at Christmas|on holidays]?",
        "[Do you|Does the {it}] open [before|after] {n} [|o'clock ]on {day}?",
        "The [door|sign] said closed. [When|At what hour] do you open?",
        "[How early|How late] can I come [to|by] the {it}?",
        "[Does|Will] the {it} [stay|be] open [late|all night] on {day}?",
        "[Winter|Summer|Weekend] hours of the {it}, please.",
    ),
    _topic(
        "parking|cars",
        "car|van|motorbike|camper|trailer|coach|lorry|bicycle|car park|garage",
        "[Where can I|Where do we|Can I] park [my|the|our] {it}?",
        "[Is there|Do you have] [a car park|parking|a garage] [near|close by|at the site]?",
        "[Someone|A stranger|A lorry] is [standing in|blocking] my parking space.",
        "[How much|What] does parking cost[| for a day| per hour]?",
        "[I got|We got] a parking ticket [although|but] I paid.",
        "The barrier of the [car park|garage] [does not open|is stuck].",
        "[May|Can] a {it} [stand|park] [overnight|in the yard]?",
        "[We need|Please keep] {n} parking spaces [on {day}|for our guests].",
        "All [bays|spaces] were [full|taken] [again|this morning].",
        "[The|My] parking [permit|badge] [has run out|is lost].",
    ),
    _topic(
        "food|menu|kitchen",
        "soup|pizza|salad|pancakes|curry|bread|cake|fish|breakfast|noodles",
        "[What is|What's] [for lunch|on the menu|in the {it}][| today]?",
        "The {it} [was|tasted] [cold|burnt|too salty|delicious].",
        "[Do you|Can you] [serve|cook|make] {it}[| on {day}]?",
        "Is there anything vegetarian?",
        "[I would like|We want] the {it} [without onions|with rice|once more].",
        "[Which|What] [dish|plate] [do you advise|is the best]?",
        "The cook should [put less salt in|warm up] the {it}.",
        "[Who|What chef] [cooks|bakes] the {it}?",
        "[Is the|Is your] {it} [fresh|home-made|spicy]?",
        "[We ate|I had] the {it}, [it was too little|and I liked it].",
    ),
    _topic(
        "allergy|diet",
        "nuts|milk|gluten|eggs|soy|shellfish|sesame|peanuts|lactose|mustard",
        "[I am|My son is|{name} is] allergic to {it}.",
        "[Is|Are] there {it} in [the cake|the sauce|this]?",
        "[Does it|Does the soup] contain {it}?",
        "[I cannot|She must not] eat {it}.",
        "[Please|Kindly] [leave out|avoid] {it}: I [swell up|get a rash].",
        "[Which|What] dishes are free of {it}?",
        "[Do you|Can you] list the allergens[|, above all {it}]?",
        "Traces of {it} [make me ill|are dangerous for {name}].",
        "[Someone|A guest] in our group has [an allergy|an intolerance] to {it}.",
        "[I get|She gets] hives from {it}.",
    ),
    _topic(
        "lost property|lost|missing things",
        "umbrella|scarf|wallet|glove|backpack|hat|ring|glasses case|keys|notebook",
        "[I lost|I left|We forgot] [my|our|a] {it} [on the bus|in room {n}|with you] on {day}.",
        "Did anyone find [my|a] {it}?",
        "Where do I ask about lost things?",
        "My {it} [must have|may have] fallen [under the seat|behind the sofa].",
        "[A|Somebody's] {it} was [found|handed in] [at the desk|on {day}].",
        "[I am|We are] looking for a [black|blue|red] {it}.",
        "Is my {it} [in the lost and found|still with you]?",
        "[I think|It seems] [I|we] left the {it} behind.",
        "[Please|Could you] [look|search] for a {it} [in the hall|under table {n}].",
        "The {it} has {name} written [in it|on it], I lost it on {day}.",
    ),
    _topic(
        "jobs|application|career",
        "cook|driver|nurse|gardener|clerk|teacher|welder|cashier|guard|painter",
        "[I would like|I want] to [apply|work] as a {it}.",
        "Are you looking for [a {it}|staff]?",
        "[Attached|Here] is my [CV|application|letter] [for the post|as a {it}].",
        "[Is the|Is your] [job|post|position] [of|as] {it} [still open|taken]?",
        "[What|How much] [do you pay|does one earn] as a {it}?",
        "[When|How soon] [will I hear|do you decide] about my [interview|application]?",
        "[I have|She has] worked {n} years as a {it} [and seek a new job|and is free from {day}].",
        "[Do you|Can you] [offer|take] [interns|apprentices|trainees]?",
        "[My|The] interview [is|was] on {day}: [whom do I ask for|is it still on]?",
        "[Are there|Any] vacancies [for a {it}|in your firm]?",
    ),
    _topic(
        "cleaning|dirt|hygiene",
        "carpet|stairs|window|toilet|bath|kitchen floor|bin|lift|sink|bedding",
        "The {it} [is|was] [dirty|filthy|full of dust|sticky].",
        "[Please|Could someone] [clean|wipe|scrub] the {it}.",
        "[Nobody|No one] has [cleaned|mopped|washed] the {it} [since {day}|for {n} days].",
        "[There are|I found] [stains|hairs|crumbs] on the {it}.",
        "[When|How often] is the {it} [cleaned|washed]?",
        "The {it} [smells|stinks] [of old fish|of smoke|badly].",
        "[The cleaner|The cleaning team] [forgot|left out] the {it}.",
        "[Mould|Mud|Grease] [covers|is on] the {it}.",
        "[We need|Bring] [soap|fresh towels|a mop] [for|near] the {it}.",
        "[It is|The {it} is] so dusty that I [sneeze|cough].",
    ),
    _topic(
        "noise|disturbance",
        "dog|party|drill|radio|neighbour|alarm|fan|baby|band|generator",
        "The {it} [next door|above us|in the yard] is too loud.",
        "[I cannot|We cannot] sleep [because of|for] the {it}.",
        "[Please|Can you] [quieten|turn down|stop] the {it}.",
        "There is [noise|a racket|a din] [every night|after {n}|since {day}].",
        "[All night|Since dawn] the {it} [barks|hums|bangs|howls].",
        "[It|The {it}] makes a [terrible|constant] [noise|hum|roar].",
        "When will the [noise|hammering] stop?",
        "[The walls|The floors] are thin: we hear the {it}.",
        "[Who|Which neighbour] [shouts|drums] at {n} in the morning?",
        "[A|My] room [away from|without] the loud {it}, please.",
    ),
    _topic(
        "heating|cold|temperature",
        "radiator|boiler|heater|stove|thermostat|oven|floor heating|heat pump|fireplace|hot water",
        "The {it} [stays cold|does not get warm|is off].",
        "It is [freezing|only {n} degrees|icy] in [the flat|room {n}|here].",
        "[Please|Can you] [turn up|repair|check] the {it}.",
        "[We have|There is] no [heating|warm water] [since {day}|again].",
        "[Our|The] {it} [knocks|went out|will not start].",
        "[The children|We] [sit in coats|shiver] [at home|indoors].",
        "[It is|The office is] far too [hot|warm]: the {it} [cannot be turned down|runs all day].",
        "[When|On which day] is the heating [switched on|turned on]?",
        "[How|Where] do I set the [temperature|thermostat]?",
        "The {it} [needs|wants] [bleeding|new oil|a service], it is cold.",
    ),
    _topic(
        "plumbing|water|leak",
        "tap|sink|pipe|shower|toilet|bath|drain|washing machine|ceiling|gutter",
        "The {it} [leaks|drips|is blocked|overflows].",
        "[There is|We have] water [on the floor|under the {it}|everywhere].",
        "[Please|Can you] send a plumber[| for the {it}| on {day}].",
        "[Water|It] [runs|drips] [through|from] the {it}.",
        "The {it} [will not drain|is clogged|is stopped up].",
        "[No|Hardly any|Only brown] water comes [from|out of] the {it}.",
        "[A|The] pipe [burst|broke] [behind|near] the {it}.",
        "[How|Where] do I [shut off|turn off] the water?",
        "[Our|The] cellar is [wet|flooded].",
        "The flush of the toilet [runs on|does not stop].",
    ),
    _topic(
        "electricity|power|light",
        "lamp|socket|fuse|switch|plug|cable|light bulb|meter|doorbell|street light",
        "The {it} [is dead|flickers|sparks|buzzes].",
        "[There is|We have] no [power|electricity|current][| since {day}| in room {n}].",
        "[The|A] fuse [blows|went] [again|whenever I use the {it}].",
        "[Please|Can you] send an electrician[| for the {it}].",
        "[It is dark|The light is out] [in the hall|on the stairs|in the yard].",
        "[We need|Please put in] a new {it}.",
        "[I got|She got] a shock from the {it}.",
        "[A|The] power cut [began|lasted] [at {n}|{n} hours].",
        "The {it} [smells of burning|gets hot].",
        "[Which|What] bulb [fits|goes into] the [lamp|hall light]?",
    ),
    _topic(
        "garden|plants",
        "roses|lawn|tomatoes|hedge|apple tree|herbs|tulips|beans|compost|pond",
        "[When|How] [do I|should one] [cut|plant|water] the {it}?",
        "[My|Our|The] {it} did not survive the [frost|drought|snails].",
        "[Which|What] [soil|fertiliser] [is good|is best] for {it}?",
        "[I planted|We sowed] {it} [on {day}|in spring].",
        "[Weeds|Moss|Lice] [cover|are all over] the {it}.",
        "[Please|Could you] [prune|trim|water] the {it}.",
        "[The seeds|The bulbs] [did not come up|rot in the ground].",
        "[Do|Will] {it} grow [in the shade|in a pot|on sand]?",
        "The {it} will soon be in bloom.",
        "[A rake|A spade|Seeds] for the {it}, please.",
    ),
    _topic(
        "sport|sports|games",
        "football|tennis|hockey|rowing|handball|chess|swimming|running|cycling|rugby",
        "[Who won|How did we do in] the {it} [match|race|final] on {day}?",
        "[Our|The] {it} team [won|lost] by {n} [points|goals].",
        "[I train|She trains] for {it} [twice a week|on {day}].",
        "[The coach|The trainer] of the {it} [team|club] [is ill|shouts a lot].",
        "[When|Where] does {it} [practice|training] [begin|take place]?",
        "[A|The] referee [stopped|ruined] the {it} match.",
        "[We need|Looking for] {n} players for {it}.",
        "[He scored|She scored] {n} times [in the second half|in the final].",
        "[The league|The cup] in {it} starts on {day}.",
        "[My|His] {it} [kit|gear] [is new|got wet].",
    ),
    _topic(
        "music|concerts",
        "guitar|piano|choir|violin|drum|orchestra|song|flute|band|trumpet",
        "[I play|She plays|He is] in a {it} class[| every {day}].",
        "The {it} [sounds|sounded] [out of tune|wonderful|too soft].",
        "[When|Where] is the {it} concert?",
        "[We sang|They played] {n} [songs|pieces] on {day}.",
        "[Which|What] key is this [song|melody] in?",
        "[The|A] new album [of the {it} player|of the band] is [out|slow].",
        "[I need|Do you have] [sheet music|notes|strings] for [the|a] {it}?",
        "[The|Our] {it} [teacher|lesson] [is strict|was fun].",
        "[Who|Which composer] wrote this [tune|symphony|waltz]?",
        "[The rhythm|The chorus|The refrain] [is too fast|goes wrong] at bar {n}.",
    ),
    _topic(
        "books|reading|literature",
        "novel|poem|thriller|atlas|comic|diary|dictionary|fairy tale|biography|essay",
        "[I am reading|I read|She finished] a {it} [by {name}|of {n} pages].",
        "[Who|Which author] wrote the {it}?",
        "[Can I|May I] borrow the {it}[| until {day}]?",
        "The {it} has {n} chapters.",
        "[Do you have|Is there] a [second|cheap|signed] [copy|edition] of the {it}?",
        "The [ending|plot|hero] of the {it} [surprised|bored] me.",
        "[My|The] {it} is overdue at the library.",
        "[A page|The cover] of the {it} is [torn|missing].",
        "[Our|The] reading circle [chose|discussed] a {it}.",
        "[Who translates|Who prints] this {it}?",
    ),
    _topic(
        "weather|forecast",
        "rain|snow|fog|storm|frost|hail|sunshine|wind|thunder|drizzle",
        "[Will there be|Do you expect] {it} [on {day}|tomorrow]?",
        "[There was|We had] {it} [all day|since {day}|on the coast].",
        "[It is|It will be] {n} degrees with {it}.",
        "[After|Before] the {it} the sky [turned|was] grey.",
        "[Heavy|Light|Sudden] {it} in the [north|hills|evening].",
        "The forecast [says|promises] {it}.",
        "[Clouds|Dark clouds] [gather|bring {it}].",
        "[Take|Bring] an umbrella, {it} is [coming|likely].",
        "[The sun|The moon] [breaks through|hides] after the {it}.",
        "[How|What] is the weather [on {day}|in the valley]?",
    ),
    _topic(
        "travel|trips|transport",
        "train|ferry|flight|bus|tram|coach|night train|cable car|boat|shuttle",
        "[When|At what time] does the {it} [leave|depart|arrive]?",
        "[The|My] {it} [was late|was cancelled|left early].",
        "[From which|Which] [platform|gate|pier] does the {it} go[| on {day}]?",
        "[How long|How many stops] is [the ride|the trip] by {it}?",
        "[I missed|We missed] the {it} [to the coast|on {day}].",
        "[A|One] [single|return] by {it} [to the capital|for {n} people].",
        "[Do I|Must we] change trains on the way?",
        "[Is there|Do you run] a {it} on {day}?",
        "The {it} was [full|crowded]: we stood for {n} hours.",
        "[My|Our] suitcase did not come off the {it}.",
    ),
    _topic(
        "health|illness|symptoms",
        "headache|fever|cough|rash|sore throat|back pain|cold|toothache|earache|dizziness",
        "[I have|My son has|{name} has] [a|the same] {it} [since {day}|for {n} days].",
        "[What|Which doctor] helps [with|against] {it}?",
        "[The|My] {it} [gets worse|comes at night|will not go].",
        "[I feel|She feels] [sick|weak|ill] since {day}.",
        "[Do I|Should I] see a doctor about the {it}?",
        "[My|Her] [knee|ankle|arm] is [swollen|bruised].",
        "[I fell|He fell] and the wrist [hurts|is broken].",
        "Is {it} [catching|contagious]?",
        "[Call|We need] [a nurse|a doctor|an ambulance], please.",
        "[His|My] temperature is {n} and there is a {it}.",
    ),
    _topic(
        "medicine|prescription|pharmacy",
        "tablets|drops|cream|syrup|pills|insulin|ointment|inhaler|antibiotic|plaster",
        "[I need|Please prepare] a [new|repeat] prescription for [the|my] {it}.",
        "[How often|When] do I take the {it}?",
        "[Can I|May she] take the {it} with [milk|other pills|meals]?",
        "[My|The] {it} [has run out|is past its date].",
        "Does the {it} have side effects?",
        "[What|Which] dose of the {it} [is right|for a child of {n}]?",
        "[The chemist|The pharmacy] [has no|is out of] {it}.",
        "[I forgot|She skipped] the {it} on {day}.",
        "Is the {it} [ready|here]?",
        "[The|This] leaflet of the {it} [is missing|is in Greek].",
    ),
    _topic(
        "pets|animals",
        "dog|cat|rabbit|parrot|hamster|pony|goldfish|tortoise|puppy|kitten",
        "[My|Our|The] {it} [does not eat|is limping|scratches all day].",
        "[How much|How often] should [a|my] {it} [eat|be fed]?",
        "[The vet|A vet] should see [my|the] {it}[| on {day}].",
        "[We found|I found] a stray {it}.",
        "Is a {it} allowed [here|in the flat|on board]?",
        "[My|Her] {it} had {n} [young|babies].",
        "[A|The] [lead|cage|basket|bowl] for [a|my] {it}, please.",
        "[Can you|Who will] [mind|feed] the {it} [on {day}|while we are away]?",
        "[The|Our] {it} needs [a vaccination|its claws cut|a bath].",
        "[I want|We want] to adopt a {it}.",
    ),
    _topic(
        "school|education|lessons",
        "maths|history|reading|physics|art|geography|biology|spelling|Latin|chemistry",
        "[What|How much] homework is there in {it}?",
        "[My|Our] [daughter|son] [failed|passed] the {it} [test|exam].",
        "[The|Our] {it} teacher [is ill|was changed].",
        "[When|Where] is the {it} [exam|lesson]?",
        "[{name}|My child] will miss school on {day}.",
        "[Which|What] [book|notebook] do pupils need for {it}?",
        "[The|This] class has {n} pupils.",
        "[Can I|May we] [see|talk to] the {it} teacher on {day}?",
        "[The|Her] marks in {it} [fell|got better].",
        "[I need|She needs] [a tutor|extra lessons] in {it}.",
    ),
    _topic(
        "security|phishing|fraud",
        "mail|link|call|attachment|text message|QR code|website|stranger|pop-up|invoice",
        "[I got|We got] a suspicious {it}.",
        "[I think|It seems] [my account was|we were] hacked.",
        "[Someone|A stranger] [pretends|claims] to be [you|our bank|{name}].",
        "[Is this|Is the] {it} [real|genuine|a fraud]?",
        "[I clicked|{name} clicked] on a [strange|bad] link.",
        "[They asked|A {it} asks] for my [PIN|password and card].",
        "[There is|We found] a virus on [the laptop|a server].",
        "[The|This] {it} [looks|seems] fake.",
        "[Strange|Unknown] logins [at night|from abroad] on my account.",
        "[Please|Do] [warn|tell] all: a scam {it} is going round.",
    ),
    _topic(
        "privacy|personal data|data protection",
        "address|photo|data|record|file|phone number|profile|birthday|history|name",
        "[Please|Kindly] delete [my|all my] {it}.",
        "[What|Which] data do you [keep|store] about me?",
        "[I do not want|I forbid] you to [share|sell|publish] my {it}.",
        "[Who|Which firms] can see my {it}?",
        "[I want|I request] a copy of [all|the] data you hold on me.",
        "Why do you need my {it}?",
        "[My|Our] {it} [is|was] [public|shown to others] without consent.",
        "[How long|For how many years] do you keep my {it}?",
        "[I withdraw|I take back] my consent.",
        "[Where|In what country] is my {it} stored?",
    ),
    _topic(
        "hardware|equipment|devices",
        "printer|laptop|monitor|keyboard|mouse|scanner|headset|projector|tablet|docking station",
        "The {it} [is broken|has a crack|fell down].",
        "[I need|{name} needs] a [new|second|bigger] {it}.",
        "[The|My] {it} [will not switch on|has no power|is jammed].",
        "[Please|Can you] [replace|swap|repair] the {it} in room {n}.",
        "[The|A] battery of the {it} [is flat|lasts {n} minutes].",
        "[Which|What] [cable|adapter|toner] [fits|goes with] the {it}?",
        "[When|On what day] do I get my {it}?",
        "[The fan|The hinge] of [my|the] {it} [rattles|broke].",
        "[Paper|A sheet] is stuck in the printer.",
        "[Order|Buy] {n} more of the {it} type[|, please].",
    ),
    _topic(
        "network|internet|wifi",
        "wifi|internet|router|VPN|network|signal|broadband|hotspot|line|connection",
        "The {it} [is down|is slow|drops out][| every {n} minutes| since {day}].",
        "[I have|We have] no {it} [in room {n}|at home|today].",
        "[What is|Where do I find] the wifi [password|name]?",
        "[The|Our] {it} [reaches|gets] only {n} megabits.",
        "[Please|Can you] [reset|check] the {it}.",
        "[Video calls|Downloads] [stutter|break off][| on the {it}].",
        "[I cannot|My phone cannot] connect to the {it}.",
        "[The|A] [light|lamp] on the router [blinks red|is off].",
        "[Two|Three] bars and still no {it}.",
        "The {it} [works|runs] by cable but not [in the air|upstairs].",
    ),
    _topic(
        "warranty|guarantee",
        "toaster|watch|drill|fridge|camera|mattress|bicycle|vacuum cleaner|tent|dishwasher",
        "Is the {it} still under [warranty|guarantee]?",
        "[How long|How many years] does the warranty on the {it} last?",
        "The {it} broke after {n} weeks: does the [warranty|guarantee] [cover|pay for] it?",
        "[I lost|I have no] receipt [for|of] the {it}, [is the guarantee void|can I still claim]?",
        "[I want|We want] to [claim|use] the [warranty|guarantee] on the {it}.",
        "[Does|Will] the guarantee cover [water damage|the battery|a fall]?",
        "[Where|How] do I register the {it} for the [warranty|guarantee]?",
        "[My|The] guarantee [card|slip] for the {it} is [missing|blank].",
        "[Can I|May I] extend the warranty[| of the {it}| by {n} years]?",
        "[You|The maker] [refused|rejected] my warranty claim for the {it}.",
    ),
    _topic(
        "return|exchange|wrong item",
        "shoes|coat|shirt|dress|trousers|boots|gloves|jumper|belt|hat",
        "The {it} came [too small|too big|in the wrong colour].",
        "[I want|I would like] to [exchange|swap|send back] the {it}.",
        "[How do I|Where do I] [return|send back] the {it}?",
        "[You sent|I got] [the wrong|someone else's] {it}.",
        "[Can I|May I] [swap|change] the {it} for size {n}?",
        "The {it} [does not fit|does not suit me], [how do I send it back|I return it].",
        "[I ordered|We ordered] the {it} in [blue|black] and got [red|brown].",
        "[Please|Can you] send [a return slip|a return label][| for the {it}].",
        "[Until when|How long] can I return the {it}?",
        "[I need|Send] size {n} [instead|in place] of size {m}.",
    ),
    _topic(
        "stock|availability",
        "tent|teapot|saddle|lamp|puzzle|rucksack|globe|blender|ladder|stool",
        "[Is the|Is your] {it} [in stock|available|sold out]?",
        "[When|How soon] will [you have|there be] the {it} again?",
        "[Do you have|Have you got] {n} of the {it} [left|in the store]?",
        "[How many|What number] of the {it} [are left|do you keep]?",
        "[Is there|Do you sell] the {it} in [green|white|another colour]?",
        "[Please|Can you] [tell me|write] when the {it} is back in [stock|the shop].",
        "[The|Your] page says [sold out|none left]: is the {it} coming back?",
        "[Which|What] branch [has|stocks] the {it}?",
        "[Can you|Could you] put a {it} aside for {name}?",
        "[Will|Does] the {it} come [in again|back into stock] [by {day}|this year]?",
    ),
    _topic(
        "discount|voucher|offer",
        (
            "voucher|coupon|student price|gift card|sale|promo code|group rate|loyalty "
            "card|bonus|rebate"
        ),
        "[My|The] {it} [is not accepted|does not work|has expired].",
        "[Is there|Do you give] a [discount|better price] for [students|groups of {n}|pensioners]?",
        "[Where|How] do I [enter|use|redeem] the {it}?",
        "[I forgot|We forgot] to use the {it}.",
        "[How long|Until when] is the {it} valid?",
        "[Can I|May I] use [two vouchers|the {it} twice]?",
        "[You advertised|The flyer says] {n} per cent off.",
        "[I have|She has] {n} bonus points, what [are they worth|can I get]?",
        "Will there be a sale [on {day}|soon]?",
        "[The|A] {it} for {n} euros[| as a present], please.",
    ),
    _topic(
        "newsletter|mailing list|unsubscribe",
        (
            "newsletter|weekly "
            "mail|digest|magazine|bulletin|circular|brochure|catalogue|alerts|mailing"
        ),
        "[Please|Kindly] [take me off|remove me from] the {it}.",
        "[I want|I would like] to [subscribe to|get] the {it}.",
        "[How do I|Where do I] unsubscribe[| from the {it}]?",
        "[I get|We get] the {it} [twice|{n} times a day].",
        "Stop sending me the {it}.",
        "[I never|I did not] sign up for the {it}.",
        "[Can|Could] {name} also [get|receive] the {it}?",
        "[The last|This week's] {it} [never came|had no pictures].",
        "[Too many|So many] mails: [end|stop] the {it}.",
        "[When|On which day] does the next {it} come out?",
    ),
    _topic(
        "address change|moving|new address",
        "street|flat|house|office|post code|town|floor|mailbox|village|name on the door",
        "[I have|We have|{name} has] moved [to number {n}|on {day}].",
        "[Please|Kindly] [change|update] [my|our] address.",
        "[My|Our] new address is {n} [Mill|Station|Church] [Road|Street].",
        "[We move|I move] on {day}: [what do you need|please note the new {it}].",
        "[The|My] {it} in your [records|files] is [old|wrong].",
        "[How|Where] do I [report|tell you] my new {it}?",
        "[You still|They still] write to my old {it}.",
        "[From|After] {day} [write|send all post] to the new {it}.",
        "[I live|We live] elsewhere now, [note|correct] the {it}.",
        "[Our|The] firm [changes|leaves] its {it} on {day}.",
    ),
    _topic(
        "meeting|schedule|calendar",
        "meeting|call|workshop|review|interview|briefing|lunch|stand-up|board meeting|video call",
        "[Can we|Could we] [meet|talk] on {day}[| at {n}]?",
        "[Please|Can you] move the {it} to {day}.",
        "[The|Our] {it} [is|was] [put off|moved|called off].",
        "[Who|How many] comes to the {it}?",
        "[Send|Write] [the agenda|an invitation] for the {it}.",
        "[Where|In which room] is the {it} on {day}?",
        "[I am|{name} is] {n} minutes late for the {it}.",
        "[Which|What] day suits you for the {it}?",
        "[Minutes|Notes] of the {it} of {day}, please.",
        "[I cannot|{name} cannot] [make|attend] the {it}.",
    ),
    _topic(
        "leave|holiday|vacation|absence",
        (
            "holiday|leave|day off|vacation|sabbatical|parental leave|long weekend|free "
            "day|break|half day"
        ),
        "[I would like|I want] to take [my|a] {it} [from {day}|in May].",
        "[How many|How much] [days of leave|holiday] do I have left?",
        "[Please|Can you] approve [my|the] {it}.",
        "[{name} is|I am] on leave until {day}.",
        "[Can I|May I] carry {n} days of leave into next year?",
        "[Who|Which colleague] stands in during my {it}?",
        "[My|Her] {it} was [refused|not approved].",
        "[I am|{name} is] off sick [on {day}|for {n} days].",
        "[I put in|I asked for] a {it} {n} weeks ago.",
        "Is {day} a [bank holiday|free day]?",
    ),
    _topic(
        "expenses|reimbursement",
        "taxi|hotel|train ticket|lunch|fuel|parking|conference|phone bill|flight|mileage",
        "[I paid|{name} paid] for the {it} on the [business |work ]trip.",
        "[How do I|Where do I] [claim|hand in] the {it} [costs|receipt]?",
        "[My|The] expense [report|claim] for the {it} is [open|not paid].",
        "[Is the|Is my] {it} [covered|reimbursed] by the firm?",
        "[Here|Attached] is the receipt for the {it}: {n} euros.",
        "[How much|What] may [I|we] spend on [a|the] {it}[| per day]?",
        "[I lost|There is no] receipt for the business {it}.",
        "[When|How soon] are [travel|business] expenses paid?",
        "[The|My] daily allowance [was|is] {n} euros [short|too low].",
        "[Please|Can you] approve {n} euros for the business {it}.",
    ),
    _topic(
        "safety|hazard|danger",
        (
            "ladder|fire exit|wet floor|forklift|gas smell|broken glass|scaffold|loose "
            "cable|chemical drum|crane"
        ),
        "[Someone|{name}] [could get hurt|nearly fell] [because of|at] the {it}.",
        "[There is|I saw] a [dangerous|risky] {it} [in hall {n}|at the gate].",
        "[Danger|Careful|Warning]: {it} [in hall {n}|near the door].",
        "[Please|At once] [secure|fence off] the {it}.",
        "[An|Another] accident [with|at] the {it} on {day}.",
        "[Nobody|No one] wears [a helmet|gloves|goggles] [near|at] the {it}.",
        "[The|A] {it} is a hazard.",
        "[The fire alarm|The extinguisher] [is missing|fails] [near|beside] the {it}.",
        "[Who|Which officer] checks the {it} for safety?",
        "[A worker|A visitor] [slipped|was injured] near the {it}.",
    ),
    _topic(
        "donation|charity|giving",
        "clothes|toys|money|books|blankets|furniture|food|coats|bicycles|computers",
        "[I would like|We would like] to [donate|give away] {it}.",
        "[Where|How] can [I|we] [donate|give] {it}?",
        "[Do you|Does the charity] [take|accept] [used|old] {it}?",
        "[Can I|Do I] get a [receipt|tax form] for my [gift|donation]?",
        "[We collected|Our class raised] {n} euros for [the needy|your charity].",
        "[Please|Can you] [collect|fetch] our gift of {it}.",
        "Who gets the donated {it}?",
        "[I want|She wants] to leave {it} to [your charity|a good cause].",
        "[A|My] monthly gift of {n} euros: [how do I set it up|can I change it]?",
        "[Our|The] firm gives {it} to [those in need|the shelter].",
    ),
    _topic(
        "volunteering|helpers wanted|volunteers",
        (
            "soup kitchen|animal shelter|fire brigade|reading hour|beach clean-up|food "
            "bank|fair|choir|youth club|museum"
        ),
        "[I would like|I want] to [volunteer|help out] at the {it}.",
        "[Do you|Does the {it}] need [volunteers|helpers|helping hands]?",
        "[I have|She has] {n} free hours a week to help [others|at the {it}].",
        "[How|Where] can I [sign up|join] as a volunteer?",
        "[Can|May] [teenagers|pensioners] volunteer at the {it}?",
        "[Our|My] group would help the {it} for free on {day}.",
        "[When|Where] do the volunteers [meet|start]?",
        "[I used|She used] to volunteer [at the {it}|abroad].",
        "Is there training for volunteers?",
        "[We lack|There are too few] helpers [on {day}|at the {it}].",
    ),
    _topic(
        "press|media",
        "article|interview|photo|podcast|film crew|report|column|quote|broadcast|press release",
        "[I am|My name is {name}, I am] a [journalist|reporter][| and need a {it}].",
        "[We write|I write] about you [in the paper|for a magazine].",
        "[Can I|May we] [print|use] a {it} [of yours|in our paper]?",
        "[Our|The] radio [station|show] wants [a|your] {it}.",
        "[Who|Which person] speaks to the press[| about the {it}]?",
        "[A|Our] film crew [comes|would like to come] on {day}.",
        "[Please|Could you] comment on [the rumours|the story] by {day}.",
        "[The|Your] press [kit|office] [has no|lacks] a {it}.",
        "[The paper|The magazine] got [a fact|your name] wrong.",
        "[I need|We need] a {it} for [the evening news|page one].",
    ),
    _topic(
        "legal|contract|law",
        "contract|clause|lease|will|patent|licence|signature|court date|permit|agreement",
        "[Please|Can you] [check|review|sign] the {it}.",
        "Is the {it} [valid|binding]?",
        "[My|Our] lawyer [wants|asks for] the {it}.",
        "We will go to court[| over the {it}].",
        "[Which|What] law applies to the {it}?",
        "[The|This] {it} [breaks|goes against] the law.",
        "[Who|Which party] is liable under the {it}?",
        "[I object|We object] to paragraph {n} of the {it}.",
        "[A|The] judge [ruled|decided] on {day}.",
        "[The|Our] {it} must be [signed|witnessed] by {day}.",
    ),
    _topic(
        "rubbish|recycling|waste",
        "bin|glass|paper|garden waste|mattress|batteries|cardboard|paint tins|compost|old fridge",
        "[When|On which day] is the {it} [collected|picked up]?",
        "[Where|In which bin] does the {it} go?",
        "[The dustmen|The bin lorry] did not [come|empty our bin] on {day}.",
        "[Someone|A stranger] [dumped|threw] rubbish [in the forest|on the road].",
        "[We need|I need] a [bigger|second] [bin|recycling box].",
        "[How|Where] do I get rid of the {it}?",
        "[The|Our] bins [overflow|are full][| since {day}].",
        "[Can I|May one] [recycle|throw away] the {it}?",
        "[The|Our] recycling [centre|yard] [is shut|took no {it}].",
        "[Rats|Foxes] [tore|opened] the rubbish bags.",
    ),
    _topic(
        "traffic|roads",
        (
            "pothole|traffic light|roundabout|crossing|bridge|road sign|cycle "
            "lane|tunnel|bypass|speed camera"
        ),
        "[There is|I saw] a [deep|bad|broken] {it} [on the main road|at junction {n}].",
        "The {it} [is closed|is out of order|is badly lit].",
        "[There was|We had] a [jam|crash|pile-up] [at|near] the {it}.",
        "[Cars|Lorries] [drive|race] too fast [past|near] the {it}.",
        "[When|On what day] is the {it} [repaired|opened]?",
        "[The|A] diversion [round|at] the {it} takes {n} minutes.",
        "[Please|Can you] [mend|paint] the {it}.",
        "[Children|Cyclists] are in danger [at|on] the {it}, cars do not stop.",
        "Long queues of cars at the {it}.",
        "[Who|Which council] looks after the {it}?",
    ),
    _topic(
        "theft|crime|police",
        "wallet|bicycle|car|handbag|laptop|phone|necklace|scooter|painting|purse",
        "[Someone|A man|A thief] stole my {it}[| on {day}].",
        "[My|Her] {it} was stolen [at the station|from the car|last night].",
        "[I want|We want] to report [a theft|a burglary|a robbery].",
        "[Burglars|Thieves] [broke in|came] [on {day}|while we slept].",
        "[There is|I saw] [a man|a gang] trying car doors.",
        "[The window|The lock] was [smashed|forced] and the {it} is gone.",
        "Did the police find the thief?",
        "[A pickpocket|A burglar] took the {it}.",
        "[I was|My uncle was] [robbed|mugged] [near the park|at {n}].",
        "[I saw|We saw] who took the {it}: a [tall|young] man.",
    ),
    _topic(
        "art|exhibition|museum",
        "painting|sculpture|vase|photograph|drawing|mask|tapestry|portrait|sketch|statue",
        "[Who|Which artist] [painted|made] the {it}?",
        "[Where|In which hall] is the {it}?",
        "[How old|From what century] is the {it}?",
        "[The|This] {it} is [lent|restored|a copy].",
        "[We loved|I liked] the {it} in [hall|gallery] {n}.",
        "[The|A] guided tour [skipped|ended at] the {it}.",
        "[May I|Can we] take a picture of the {it} [in the gallery|on show]?",
        "[The|A] frame of the {it} is [gold|cracked].",
        "[When|On what day] does the exhibition [open|end]?",
        "[The|Our] gallery [buys|shows] a {it} by {name}.",
    ),
    _topic(
        "cooking|recipe|baking",
        "bread|soup|stew|pancakes|jam|pie|sauce|dumplings|biscuits|omelette",
        "[How do I|How does one] [make|cook] {it}?",
        "[How long|At what heat] [must|do] [I|we] [bake|simmer] the {it}?",
        "[Add|Stir in] {n} spoons of [flour|sugar|butter] to the {it}.",
        "[My|The] dough [does not rise|is too wet].",
        "[What|Which spice] goes into {it}?",
        "[Can I|May one] [freeze|reheat] the {it}?",
        "[Mix|Chop|Peel] the [onions|carrots|apples] [first|for the {it}].",
        "[Do you have|I seek] a recipe for {it}.",
        "[The|My] {it} [burnt|stuck] in the pan.",
        "[Whisk|Beat] {n} eggs for the {it}.",
    ),
    _topic(
        "money|bank|finance",
        (
            "loan|savings account|mortgage|share|pension|credit card|exchange "
            "rate|cheque|overdraft|bond"
        ),
        "[What|How high] is the interest [on|for] the {it}?",
        "[I want|We want] to open a savings account.",
        "[My|The] bank [refused|froze] the {it}.",
        "[How much|What] can I [borrow|save] [a month|over {n} years]?",
        "[The|My] {it} [rose|fell] by {n} per cent.",
        "[Should I|Is it wise to] invest {n} thousand?",
        "[The|A] cash machine [kept|swallowed] my card.",
        "[Pay off|I pay off] the {it} [early|by {day}].",
        "[What|Which] [adviser|banker] helps with a {it}?",
        "[Transfer|Move] {n} hundred into the savings account.",
    ),
)

# What anyone may want with anything: labels can stand for the wish or for the kind of thing.
_WISHES: dict[str, tuple[str, ...]] = {
    "repair": (
        "[My|Our|The] {it} is broken[|, can you mend it].",
        "[Can you|Could someone] [mend|repair|fix] [my|the|a] {it}?",
        "[The|My] {it} needs [mending|repair|a new part].",
        "The {it} [came apart|no longer works|fell to pieces].",
    ),
    "buy": (
        "[I want|I would like|We want] to buy a {it}.",
        "[Do you sell|Where can I buy] a {it}?",
        "[I will take|Please send me] {n} of the {it}.",
        "[I am|We are] looking for a [new|good|cheap] {it} to buy.",
    ),
    "price": (
        "[How much|What] does [a|the|this] {it} cost?",
        "[What is|Tell me] the price of [a|the] {it}[|?]",
        "Is the {it} [dear|cheap|under {n} euros]?",
        "[What|How much] do you ask for the {it}?",
    ),
    "sell": (
        "[I want|We want] to sell [my|our|a] {it}.",
        "[Would you|Do you] buy [old|used] things, say a {it}?",
        "[For sale|I am selling]: a {it}[|, hardly used], {n} euros.",
        "Who wants [my|this] old {it} for {n} euros?",
    ),
    "praise": (
        "[I love|We love] [my|this|our] {it}.",
        "[What a|Such a] [lovely|great|beautiful] {it}!",
        "The {it} is [wonderful|perfect|better than I hoped].",
        "[Never|I never] had a better {it}.",
    ),
    "complaint": (
        "[I hate|I dislike] [this|the] {it}.",
        "[What a|Such a] [bad|poor|useless] {it}.",
        "The {it} is [awful|a disgrace|worse than I feared].",
        "[I am|We are] [unhappy|disappointed] with the {it}.",
    ),
    "rent": (
        "[Can I|May we] [rent|hire] a {it}[| on {day}| for {n} days]?",
        "[What|How much] is it to hire a {it}[| for a day]?",
        "[I need|We need] a {it} [only on {day}|for {n} days].",
        "Who lends out a {it}?",
    ),
    "question": (
        "[How do I|How does one] [use|clean|look after] [a|the] {it}?",
        "[What is|Is there] a [manual|guide] for the {it}?",
        "[Who|Which firm] [makes|made] [this|the] {it}?",
        "[How old|How heavy|How big] is the {it}?",
    ),
    "lost": (
        "[I lost|We lost] [my|our|a] {it}[| on {day}].",
        "Has anyone seen [my|our] {it}?",
        "[My|Our] {it} is [gone|missing|nowhere to be found].",
        "[Did I|Did we] leave a {it} [with you|on the bus]?",
    ),
    "gift": (
        "[I give away|We give away] a {it}.",
        "[Free|For nothing]: a {it}, [come and get it|to a good home].",
        "[The|A] {it} as a [present|gift] for {name}.",
        "[Who|Which charity] would like [our|my] {it} for free?",
    ),
}
_THINGS: dict[str, str] = {
    "kitchen": "kettle|saucepan|toaster|fork|oven glove|teapot|grater|frying pan|whisk|blender",
    "garden": "rake|wheelbarrow|hose|lawnmower|flower pot|hedge trimmer|watering can|spade",
    "vehicle": "car|bicycle|van|scooter|lorry|motorbike|caravan|tram|pickup|bus",
    "clothing": "coat|scarf|shirt|hat|jumper|skirt|belt|glove|jacket|raincoat",
    "music": "guitar|piano|violin|drum|flute|trumpet|cello|harp|accordion|saxophone",
    "sport": "football|tennis racket|ski|bat|surfboard|dumbbell|skateboard|golf club|oar",
    "furniture": "sofa|table|chair|wardrobe|bookcase|desk|bed|stool|sideboard|armchair",
    "office": "printer|stapler|whiteboard|scanner|shredder|notebook|hole punch|fountain pen",
    "toy": "doll|teddy bear|puzzle|kite|toy train|yo-yo|board game|rocking horse|marble run",
    "tool": "hammer|saw|drill|spanner|chisel|screwdriver|plane|vice|sander|pair of pliers",
    "animal": "dog|cat|rabbit|parrot|pony|goat|hamster|goldfish|canary|tortoise",
    "jewellery": "ring|necklace|bracelet|brooch|watch|earring|pendant|tiara|pearl chain",
    "electronics": "phone|laptop|camera|tablet|radio|television|headset|games console|projector",
    "food": "loaf|cake|cheese|pie|melon|sausage|pineapple|jar of honey|pumpkin|ham",
    "boat": "canoe|sailing boat|dinghy|kayak|ferry|yacht|rowing boat|houseboat|motor boat",
    "book": "novel|atlas|cookbook|dictionary|comic|poetry book|encyclopedia|diary|songbook",
}
# How a message is meant, whatever it is about.
_TONES: dict[str, tuple[str, ...]] = {
    "urgent": (
        "[Urgent|Quick|At once]: {it}",
        "{it} [It cannot wait|Every minute counts|I need it today]!",
        "{it} [Hurry, please|As soon as you can|Right now, please].",
        "[Emergency|High priority]! {it}",
    ),
    "calm": (
        "[No hurry|When you have time|Some day]: {it}",
        "{it} [It can wait|There is no rush|Next month is fine].",
        "{it} [Take your time|Whenever it suits you].",
        "[Not pressing|Low priority], but: {it}",
    ),
    "angry": (
        "[I have had enough|This is outrageous|What nonsense]! {it}",
        "{it} [You are useless|I am furious|I will tell everyone]!",
        "{it} [Shame on you|What a circus|How dare you]!",
        "[For the tenth time|How often must I say it]: {it}",
    ),
    "polite": (
        "[If it is no trouble|Forgive me for asking|May I humbly ask]: {it}",
        "{it} [I would be most grateful|That would be ever so kind].",
        "[Dear Sir or Madam|Esteemed team], {it}",
        "{it} [Yours faithfully|Many kind regards|With great respect], {name}",
    ),
    "unsure": (
        "[I may be wrong, but|I am not certain, but|Perhaps]: {it}",
        "{it} [Or is that wrong|But I could be mistaken|At least I think so].",
        "{it} [I do not really know|Maybe|I am only guessing].",
        "[Hm|Well], {it} [Who knows|Not sure].",
    ),
    "joking": (
        "[Ha ha|Funny thing|You will laugh]: {it}",
        "{it} [Just kidding|Only joking|Ha ha]!",
        "{it} [My parrot says so too|I nearly died laughing].",
        "[Knock knock|Guess what]! {it}",
    ),
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_UNMENDED = ("animal", "food")
_OTHERS = tuple(name for things in _THINGS.values() for name in things.split("|"))

_A_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=[aeio])")

Maker = Callable[[random.Random], str]


@dataclass(frozen=True)
class Group:
    """Messages that one label stands for, and what the label would naturally be called."""

    name: str
    message: Maker


def topic_message(topic: Topic, rng: random.Random) -> str:
    return _filled(rng.choice(topic.says), rng.choice(topic.items), rng)


def _groups(rng: random.Random, count: int) -> list[Group]:
    """What a chat tells apart: topics, or of messages that cross two ways one way only."""
    chance = rng.random()
    if chance < 0.62:
        return [_about(topic, rng) for topic in rng.sample(TOPICS, count)]
    wishes, things, tones = sorted(_WISHES), sorted(_THINGS), sorted(_TONES)
    if chance < 0.74:
        return [_wishing(wish, rng.sample(_fit(wish), 6)) for wish in rng.sample(wishes, count)]
    if chance < 0.86:
        return [_naming(thing, rng) for thing in rng.sample(things, count)]
    if chance < 0.92:
        topics = rng.sample(TOPICS, 6)
        return [_meaning(tone, topics) for tone in rng.sample(tones, count)]
    words = rng.sample(WORDS, 2 * count)
    return [_mentioning(words[2 * at : 2 * at + 2], rng) for at in range(count)]


def _meaning(tone: str, topics: Sequence[Topic]) -> Group:
    def message(rng: random.Random) -> str:
        text = topic_message(rng.choice(topics), rng)
        return said(rng.choice(_TONES[tone]), rng, it=text, name=rng.choice(PEOPLE))

    return Group(tone, message)


def _mentioning(words: Sequence[str], rng: random.Random) -> Group:
    """Messages that have nothing in common but one of two words; or only a single name."""
    if rng.random() < 0.3:
        words = [invented_name(rng)]
    patterns = (
        "[The|My|Our|This] {it} [is|was|stood|lay] [near|behind|under|beside] the {o}.",
        "[We|They|I] saw a {it} [and|or] a {o} [on {day}|in room {n}].",
        "{name} [has|bought|lost|drew|sold] a {it}[| on {day}].",
        "[Is|Was] the {it} [older|smaller|heavier] than the {o}?",
        "[Please|Kindly] [bring|send|paint] the {it} [on {day}|to {name}].",
        "[A|The] story of {name}, {n} [fools|friends] and a {it}.",
    )
    others = rng.sample(_OTHERS, 8)

    def message(rng: random.Random) -> str:
        text = _filled(rng.choice(patterns), rng.choice(words), rng)
        return text.replace("{o}", rng.choice(others))

    return Group(words[0], message)


def _fit(wish: str) -> list[str]:
    """The things of which one can have such a wish: nobody mends a goldfish."""
    return [thing for thing in sorted(_THINGS) if wish != "repair" or thing not in _UNMENDED]


def _about(topic: Topic, rng: random.Random) -> Group:
    return Group(
        rng.choice(topic.names),
        lambda rng: topic_message(topic, rng),
    )


def _wishing(wish: str, things: Sequence[str]) -> Group:
    return Group(
        wish,
        lambda rng: _filled(
            rng.choice(_WISHES[wish]), rng.choice(_THINGS[rng.choice(things)].split("|")), rng
        ),
    )


def _naming(thing: str, rng: random.Random) -> Group:
    items = _THINGS[thing].split("|")
    wishes = rng.sample([wish for wish in sorted(_WISHES) if thing in _fit(wish)], 5)
    return Group(
        thing,
        lambda rng: _filled(rng.choice(_WISHES[rng.choice(wishes)]), rng.choice(items), rng),
    )


def _filled(pattern: str, item: str, rng: random.Random) -> str:
    number, other = rng.sample(range(2, 60), 2)
    text = said(
        pattern, rng, it=item, n=number, m=other, day=rng.choice(_DAYS), name=rng.choice(PEOPLE)
    )
    return opened(_A_BEFORE_VOWEL.sub(r"\1n ", text))


def _labels(groups: Sequence[Group], rng: random.Random) -> tuple[list[str], bool]:
    """A label for each group, and whether the labels say what they stand for."""
    count = len(groups)
    chance = rng.random()
    if chance < 0.3:
        case = rng.choice((str, str, str.upper, opened))
        return [case(group.name) for group in groups], True
    if chance < 0.55:
        case = rng.choice((str, str, str.upper, opened))
        return [case(word) for word in rng.sample(WORDS, count)], False
    if chance < 0.65:
        return rng.sample("ABCDEFGHKLMNPQRSTUVWXYZ", count), False
    if chance < 0.75:
        return [str(number) for number in rng.sample(range(rng.choice((10, 100))), count)], False
    if chance < 0.85:
        return [invented_name(rng).lower() for _ in groups], False
    if chance < 0.93:
        letter = rng.choice("ABCDEFGHKLMNPQRSTUVWXYZ")
        between = rng.choice(("", "-", "/", "."))
        return [f"{letter}{between}{n}" for n in rng.sample(range(1, 99), count)], False
    frame = rng.choice(("[{}]", "#{}", "team {}", "to: {}", "class {}", "<{}>", "label={}", "{}!"))
    return [frame.format(word) for word in rng.sample(WORDS, count)], False


_GREETINGS = ("Hello,", "Hi,", "Good morning.", "Hello!", "Hi there,", "Dear team,", "Dear all,")
_ENDINGS = (
    "Thanks!",
    "Thank you.",
    "Please help.",
    "Best wishes, {name}",
    "{name}",
    "Thanks in advance.",
    "Please answer soon.",
    "I am in a hurry.",
    "Greetings from {org}.",
)


_ASIDES = (
    "I have been [with you|a customer] for {n} years.",
    "[My|Our] customer number is {n}{n}.",
    "[I write|We write] to you from {org}.",
    "[Sorry for|Excuse] my English.",
    "[We spoke|I called] last week.",
    "[It is|This is] the first time I write.",
    "[I hope|I trust] you are well.",
    "[I could not|Nobody could] find it on your page.",
)


def _dressed(text: str, rng: random.Random) -> str:
    """A message with the words around it that say nothing of its topic."""
    if rng.random() < 0.12:
        text = f"{rng.choice(_GREETINGS)} {text}"
    if rng.random() < 0.15:
        end = rng.choice(_ENDINGS)
        text += " " + said(end, rng, name=rng.choice(PEOPLE), org=organisation(rng))
    if rng.random() < 0.07:
        aside = said(rng.choice(_ASIDES), rng, n=rng.randint(2, 60), org=organisation(rng))
        text = f"{aside} {text}" if rng.random() < 0.5 else f"{text} {aside}"
    if rng.random() < 0.06:
        text = text.lower()
    return text


_NAMED = (
    (
        "[Sort|Label|Classify|File] the [messages|notes|mails|requests] of {org}. [Reply|Answer] "
        "with [one|the right|the one] label[| that fits]: {labels}."
    ),
    (
        "You [sort|label|file] [messages|mails|tickets] for {org}. [Reply|Answer] with one of: "
        "{labels}."
    ),
    (
        "[Which|What] [kind|type] of message is it? [Reply|Answer] [only |]with one of these: "
        "{labels}."
    ),
    (
        "[Reply|Answer] with [one|exactly one] of these [labels|words|classes] and nothing else: "
        "{labels}."
    ),
    "The [labels|classes|groups] are {labels}. [Say|Give] the one that fits [the|each] message.",
    "[Choose|Pick] the [label|topic|class] of the message: {labels}.",
)
_UNNAMED = (
    "[Sort|Label|Classify|File] the [messages|notes|mails|requests] of {org}.",
    "You [sort|label|file] [messages|mails|tickets] for {org}. [Reply|Answer] with the label only.",
    "[Reply|Answer] with the label of [the|each] message.",
    "[Each|Every] message at {org} gets one label.",
    "You are a helpful assistant.",
    "[Label|Mark] each message as [before|shown|in the examples].",
    "You are the [mail desk|dispatcher|front desk] of {org}.",
)
_KEYED = (
    "[Label|Sort] the messages of {org}. {key}.",
    "[Reply|Answer] with [the|one] label. {key}.",
    "The labels: {key}.",
)


def _listed(labels: Sequence[str], rng: random.Random) -> str:
    shuffled = rng.sample(labels, len(labels))
    if rng.random() < 0.5:
        return ", ".join(shuffled)
    return ", ".join(shuffled[:-1]) + f" or {shuffled[-1]}"


def labelling(rng: random.Random) -> Chat:
    """One chat of worked examples and then new messages; about a seventh shows no examples and
    names the topics as its labels."""
    groups = _groups(rng, rng.randint(2, 6))
    if rng.random() < 0.15:
        return _told(groups, rng)
    return _shown(groups, rng)


def _told(groups: Sequence[Group], rng: random.Random) -> Chat:
    labels = [group.name for group in groups]
    system = said(rng.choice(_NAMED), rng, org=organisation(rng), labels=_listed(labels, rng))
    messages = [("system", system)]
    for place in rng.choices(range(len(groups)), k=rng.choice((1, 1, 2, 3))):
        text = _dressed(groups[place].message(rng), rng)
        messages += [("user", text), ("assistant", labels[place])]
    return Chat(tuple(messages))


def _shown(groups: Sequence[Group], rng: random.Random) -> Chat:
    labels, telling = _labels(groups, rng)
    if len(set(labels)) < len(labels):
        return _told(groups, rng)
    messages: list[tuple[str, str]] = []
    chance = rng.random()
    told = chance < 0.4
    org = organisation(rng)
    if told:
        listed = _listed(labels, rng)
        messages.append(("system", said(rng.choice(_NAMED), rng, org=org, labels=listed)))
    elif chance < 0.47 and not telling:
        pairs = [f"{label} = {group.name}" for label, group in zip(labels, groups, strict=True)]
        key = rng.choice((", ", "; ")).join(rng.sample(pairs, len(pairs)))
        messages.append(("system", said(rng.choice(_KEYED), rng, org=org, key=key)))
    elif chance < 0.85:
        messages.append(("system", said(rng.choice(_UNNAMED), rng, org=org)))
    # Only a label that was told and says what it stands for can be known without an example.
    examples = rng.randint(2 if told and telling else max(2, len(groups)), 8)
    shown = list(range(len(groups)))
    rng.shuffle(shown)
    shown = (shown + rng.choices(range(len(groups)), k=8))[: max(examples, 2)]
    rng.shuffle(shown)
    asked_of = range(len(groups)) if told and telling else sorted(set(shown))
    seen: set[str] = set()
    for place in [*shown, *rng.choices(asked_of, k=rng.randint(1, 3))]:
        text = _dressed(groups[place].message(rng), rng)
        if text in seen:
            continue
        seen.add(text)
        messages += [("user", text), ("assistant", labels[place])]
    return Chat(tuple(messages))
