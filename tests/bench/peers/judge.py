#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""judge.py WORKLOAD PICTURE BELOW OUTPUT_DIR: how near the files of one workload are to what they should be."""
import json
import math
import os
import sys

import numpy
from PIL import Image


def pixels(path):
    picture = Image.open(path)
    if picture.mode in ("RGBA", "P", "LA"):
        values = numpy.asarray(picture.convert("RGBA"), float)
        share = values[..., 3:] / 255
        return values[..., :3] * share + 255 * (1 - share)
    return numpy.asarray(picture.convert("RGB"), float)


def weights(size, target):
    """Lanczos with three lobes in double precision."""
    scale = max(size / target, 1)
    centres = (numpy.arange(target) + 0.5) * size / target
    x = (numpy.arange(size)[None] + 0.5 - centres[:, None]) / scale
    values = numpy.where(abs(x) < 3, numpy.sinc(x) * numpy.sinc(x / 3), 0)
    return values / values.sum(1, keepdims=True)


def reference(workload, picture, below, shape):
    source = pixels(picture)
    if workload == "W8":
        layer = numpy.asarray(Image.open(picture).convert("RGBA"), float)
        share = layer[..., 3:] / 255
        return layer[..., :3] * share + pixels(below) * (1 - share)
    if source.shape == shape:
        return source
    if abs(source.shape[0] / shape[0] - source.shape[1] / shape[1]) > 0.05:
        return None  # cropped: where to is a matter of taste
    down, across = weights(source.shape[0], shape[0]), weights(source.shape[1], shape[1])
    return numpy.clip(numpy.einsum("hwc,xw->hxc", numpy.tensordot(down, source, (1, 0)), across, optimize=True), 0, 255)


def judge(workload, picture, below, output):
    """Worst PSNR of the files; "other" when a PNG has other pixels, "same" when nothing differs or can be compared."""
    worst = math.inf
    for file in sorted(os.listdir(output)):
        made = pixels(os.path.join(output, file))
        wanted = reference(workload, picture, below, made.shape)
        if wanted is None:
            continue
        error = ((made - wanted) ** 2).mean()
        if file.endswith(".png") and error > 0:
            return "other"
        if error > 0:
            worst = min(worst, 10 * math.log10(255 ** 2 / error))
    return "same" if worst == math.inf else worst


print(json.dumps(judge(*sys.argv[1:5])))
