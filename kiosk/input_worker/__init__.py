"""The input process: pinyin by telephone keys and handwriting. It imports nothing of the kiosk and writes no log."""
