"""What the test slip and the test page say: known contents, so that a device that reads them can be judged."""

from __future__ import annotations

TEST_CODE = "TSHP-TEST"
_A4_PT = (595, 842)


def test_page() -> bytes:
    """One A4 page as PDF 1.4 with a frame 10 mm inside the edge, without any font of its own.

    Helvetica is one of the standard fonts that every printer has (ISO 32000-1, 9.6.2.2).
    """
    width, height = _A4_PT
    edge = 28
    drawing = (
        f"2 w {edge} {edge} {width - 2 * edge} {height - 2 * edge} re S\n"
        f"BT /F1 36 Tf 60 {height - 110} Td (TEST PAGE {TEST_CODE}) Tj ET\n"
        f"BT /F1 14 Tf 60 {height - 150} Td (The frame is whole on all four sides.) Tj ET\n"
    ).encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>".encode("ascii"),
        b"<< /Length %d >>\nstream\n%sendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return _file(objects)


def _file(objects: list[bytes]) -> bytes:
    """Bodies of the objects 1, 2, … with the table of where each begins (ISO 32000-1, 7.5)."""
    out, begins = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, body in enumerate(objects, 1):
        begins.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % begin for begin in begins)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
