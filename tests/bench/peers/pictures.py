#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pictures.py WALLPAPERS OUTPUT: the pictures of the comparison, from the unpacked Debian packages
plasma-workspace-wallpapers, mate-backgrounds and ukui-wallpapers, and some that are drawn here.
The same packages and the same Pillow give the same files. They are never part of this project."""
import os
import sys

import numpy
from PIL import Image, ImageChops, ImageDraw

SOURCE, OUTPUT = sys.argv[1:3]
KDE = "usr/share/wallpapers/{}/contents/images/{}"
PHOTOS = {  # name: file, place of the square from the left (0-1)
    "evening": (KDE.format("EveningGlow", "2560x1600.jpg"), 0.5),
    "autumn": (KDE.format("Autumn", "2560x1600.jpg"), 0.9),
    "landing": (KDE.format("SafeLanding", "5120x2880.jpg"), 0.3),
    "path": (KDE.format("Path", "2560x1600.jpg"), 0.5),
    "altai": (KDE.format("Altai", "5120x2880.png"), 0.4),
    "ladybird": ("usr/share/backgrounds/mate/nature/LadyBird.jpg", 0.5),
}
COAST = KDE.format("Volna", "5120x2880.jpg")


def square(path, side, place=0.5):
    picture = Image.open(os.path.join(SOURCE, path)).convert("RGB")
    width, height = picture.size
    edge = min(width, height)
    left, top = int((width - edge) * place), (height - edge) // 2
    return picture.crop((left, top, left + edge, top + edge)).resize((side, side), Image.LANCZOS)


def save(picture, name, **options):
    picture.save(os.path.join(OUTPUT, name), **options)


def glow(path):
    """Soft transparency: the brightness of the picture itself."""
    picture = square(path, 1024)
    red, green, blue = picture.split()
    light = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    picture.putalpha(light.point(lambda value: min(255, value * 8 // 5)))
    return picture


def sticker(path):
    """Hard transparency: whatever differs from the ground in the corner."""
    picture = square(path, 1024, 0.85)
    ground = Image.new("RGB", picture.size, picture.getpixel((8, 8)))
    distance = ImageChops.difference(picture, ground).convert("L")
    picture.putalpha(distance.point(lambda value: 0 if value < 28 else min(255, (value - 28) * 12)))
    return picture


def gradient():
    x, y = numpy.meshgrid(numpy.arange(1024), numpy.arange(1024))
    return Image.fromarray(numpy.stack([x // 4, y // 4, (x + y) // 8], -1).astype("uint8"))


def ramps():
    """Each channel begins anew every 256 pixels: nothing but the longest matches once it is filtered."""
    x, y = numpy.meshgrid(numpy.arange(1024), numpy.arange(1024))
    return Image.fromarray(numpy.stack([x % 256, y % 256, (x + y) % 256], -1).astype("uint8"))


def noise():
    return Image.fromarray(numpy.random.default_rng(7).integers(0, 256, (1024, 1024, 3)).astype("uint8"))


def text():
    """A page of a document, as a screenshot shows it."""
    picture = Image.new("RGB", (1024, 1024), (250, 250, 247))
    draw = ImageDraw.Draw(picture)
    words = "prompt picture stored recorded exported paid once and never lost ".split()
    for line in range(78):
        draw.text((24, 10 + line * 13), " ".join(words[(line * 7 + i) % len(words)] for i in range(18)),
                  fill=(20 + line % 3 * 30, 24, 40))
    for box in range(5):
        draw.rectangle((700, 60 + box * 180, 980, 180 + box * 180), fill=(60 * box % 256, 120, 200 - 30 * box))
    return picture


def palette():
    return square(PHOTOS["ladybird"][0], 1024).quantize(32, dither=Image.Dither.NONE).convert("RGB")


os.makedirs(OUTPUT, exist_ok=True)
for name, (path, place) in PHOTOS.items():
    save(square(path, 1024, place), f"{name}.png")
save(square(COAST, 1024, 0.7), "below.png")
save(glow("usr/share/backgrounds/the-mouse.jpg"), "glow.png")
save(sticker("usr/share/backgrounds/firstgeneration.jpg"), "sticker.png")
save(square("usr/share/backgrounds/calla.png", 1024), "lines.png")
wide = Image.open(os.path.join(SOURCE, "usr/share/backgrounds/mate/nature/RainDrops.jpg")).convert("RGB")
save(wide.crop((0, 60, 1920, 1140)), "wide.png")
save(square(COAST, 4096), "large.jpg", quality=92)
for name, make in {"gradient": gradient, "ramps": ramps, "noise": noise, "text": text, "palette": palette}.items():
    save(make(), f"{name}.png")
