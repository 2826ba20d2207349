#!/usr/bin/env python3
"""Quotes against bills: three scenes on a farm of one worker on this machine. Prints a line of JSON for each.

error           bill over the quote's likely price, less one (aim: within 0.1)
bound           the quote's high price over its likely one, less one
reserved        reservation over bill
worst_case      what would be reserved without a quote, over bill
quote_s         time of `render quote`
"""
import time

from farm_processes import Farm, say, scene

JOBS = [
    ("cornell", ["--width", "320", "--height", "320", "--samples", "32"]),
    ("materials", ["--width", "480", "--height", "270", "--samples", "16"]),
    ("orrery", ["--width", "240", "--height", "136", "--samples", "8", "--frames", "1-48", "--tile-side", "64"]),
]


def measure(farm, name, look):
    start = time.monotonic()
    farm.render("quote", scene(name), *look)
    quote_s = time.monotonic() - start
    status = farm.wait(farm.submit(name, *look))
    quote, bill = status["quote"], status["spent"]
    terms = status["terms"]
    side = terms["tileSidePX"]
    bound = min(side, terms["widthPX"]) * min(side, terms["heightPX"]) * terms["samplesPerPixel"]
    worst = status["tileCount"] * bound * (2 * terms["maxDepth"] + 1) * terms["pricePerRay"] * 1.03
    say("quote", scene=name, state=status["state"],
        error=round(bill / quote["price"]["likely"] - 1, 5),
        bound=round(quote["price"]["high"] / quote["price"]["likely"] - 1, 4),
        reserved=round(status["budget"] / bill, 2), worst_case=round(worst / bill, 2), quote_s=round(quote_s, 2))


def main():
    with Farm() as farm:
        farm.deposit()
        farm.join("anna")
        for name, look in JOBS:
            measure(farm, name, look)


if __name__ == "__main__":
    main()
