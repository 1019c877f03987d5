"""What a phone reads from what is seen of a page."""

from __future__ import annotations

import io

import zxingcpp  # its names are not imported: who has them at the end is warned of leaks
from PIL import Image
from playwright.async_api import Page


async def scanned(page: Page) -> str:
    """What the one QR code says that stands on the screen. Light on dark it is not read: nor does
    every phone."""
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    with Image.open(io.BytesIO(await page.screenshot())) as picture:
        [code] = zxingcpp.read_barcodes(picture, formats, try_invert=False)
    return code.text


async def scanned_in_both_schemes(page: Page) -> str:
    """The same, in the light colour scheme and in the dark one, in which the page is left."""
    await page.emulate_media(color_scheme="light")
    light = await scanned(page)
    await page.emulate_media(color_scheme="dark")
    assert await scanned(page) == light
    return light
