"""pictures.py make FOLDER: one picture as Pillow writes it in many formats and modes
pictures.py compare FOLDER SEEN: whether SEEN/FOLDER/STEM.png is what Pillow reads in FOLDER/STEM.EXT"""
import os
import sys

from PIL import Image, ImageOps, features

W, H = 61, 43
ORIENTATION = 0x112


def picture():
    image = Image.new("RGB", (W, H))
    image.putdata([(4 * x, 6 * y, x * y % 256) for y in range(H) for x in range(W)])
    return image


def modes(image):
    rgba = image.convert("RGBA")
    rgba.putalpha(Image.linear_gradient("L").resize((W, H)))
    return {"rgb": image, "grey": image.convert("L"), "palette": image.quantize(37), "bits": image.convert("1"),
            "cmyk": image.convert("CMYK"), "rgba": rgba, "la": rgba.convert("LA")}


def exif(image, orientation):
    data = image.getexif()
    data[ORIENTATION] = orientation
    return data


def write(folder, name, image, **how):
    """To stem-extension.extension: the stem alone is the name of what is seen."""
    stem, extension = os.path.splitext(name)
    if not stem.endswith(extension[1:]):
        name = stem + "-" + extension[1:] + extension
    image.save(os.path.join(folder, name), **how)


def make(folder):
    os.mkdir(folder)
    image = picture()
    kinds = modes(image)
    for name in ("rgb", "grey", "palette", "bits", "rgba"):
        write(folder, name + ".bmp", kinds[name])
        write(folder, name + ".png", kinds[name])
    for name in ("rgb", "grey", "palette", "bits"):
        write(folder, name + ".gif", kinds[name])
    write(folder, "interlaced.gif", kinds["palette"], interlace=1)
    write(folder, "clear.gif", kinds["palette"], transparency=3)
    write(folder, "moving.gif", kinds["palette"], save_all=True, append_images=[image.rotate(90).quantize(16)])
    for compression in (None, "tiff_lzw", "tiff_deflate", "packbits"):
        for name in kinds:
            how = {"compression": compression} if compression else {}
            write(folder, "%s-%s.tif" % (name, compression), kinds[name], **how)
    write(folder, "fax.tif", kinds["bits"], compression="group4")
    for name in ("rgb", "grey", "cmyk"):
        write(folder, name + "-jpeg.tif", kinds[name], compression="jpeg")
        write(folder, name + ".jpg", kinds[name], quality=95, subsampling=0)
    write(folder, "progressive.jpg", image, quality=90, progressive=True, subsampling=0)
    if features.check("webp"):
        write(folder, "rgb.webp", image, lossless=True)
        write(folder, "rgba.webp", kinds["rgba"], lossless=True, exact=True)
        write(folder, "lossy.webp", image, quality=80)
        write(folder, "moving.webp", image, save_all=True, append_images=[image.rotate(90)], lossless=True)
    for o in range(1, 9):
        write(folder, "turned%d.tif" % o, image, tiffinfo={ORIENTATION: o})
        write(folder, "turned%d.jpg" % o, image, quality=95, subsampling=0, exif=exif(image, o))
        if features.check("webp"):
            write(folder, "turned%d.webp" % o, image, lossless=True, exif=exif(image, o))
    # all have the size of one that lies on its side, so that one pack holds them
    for name in os.listdir(folder):
        seen = upright(os.path.join(folder, name))
        if seen.size != (W, H):
            os.remove(os.path.join(folder, name))
            on_side = image.transpose(Image.ROTATE_90)
            o = int(name[6])
            how = {"tiffinfo": {ORIENTATION: o}} if name.endswith("tif") else {"exif": exif(image, o), "lossless": True}
            if name.endswith("jpg"):
                how = {"exif": exif(image, o), "quality": 95, "subsampling": 0}
            write(folder, name, on_side, **how)


def upright(path):
    """As it is seen; Pillow turns TIFF itself when it loads it."""
    image = Image.open(path)
    image.load()
    return (image if image.format == "TIFF" else ImageOps.exif_transpose(image)).convert("RGB")


def compare(folder, seen):
    count = 0
    for name in sorted(os.listdir(folder)):
        a = upright(os.path.join(folder, name))
        b = Image.open(os.path.join(seen, folder, os.path.splitext(name)[0] + ".png"))
        if a.size != b.size:
            sys.exit("%s: %s, not %s" % (name, b.size, a.size))
        worst = max(abs(x - y) for p, q in zip(a.getdata(), b.getdata()) for x, y in zip(p, q))
        # decoders of lossy formats may differ by one
        if worst > 1:
            sys.exit("%s: off by %d" % (name, worst))
        count += 1
    print("%d pictures are the same" % count)


{"make": make, "compare": compare}[sys.argv[1]](*sys.argv[2:])
