"""The catalogue of device faults: a file for each kind of device, all rows under one name.

What the resident hears of a row is the text key `fault.<name>` in `voices/`.
"""

from __future__ import annotations

from drivers.faults.base import CATALOGUE as CATALOGUE
from drivers.faults.base import Action as Action
from drivers.faults.base import Fault as Fault
from drivers.faults.base import Recovery as Recovery
from drivers.faults.cameras import CAM_COVERED as CAM_COVERED
from drivers.faults.cameras import CAM_FROZEN as CAM_FROZEN
from drivers.faults.cameras import CAM_SIZE as CAM_SIZE
from drivers.faults.cameras import CAM_WASHED_OUT as CAM_WASHED_OUT
from drivers.faults.cameras import CAM_WORKER as CAM_WORKER
from drivers.faults.cards import CHP_DATA as CHP_DATA
from drivers.faults.cards import CHP_LIFTED as CHP_LIFTED
from drivers.faults.cards import CHP_LOCKED as CHP_LOCKED
from drivers.faults.cards import CHP_MUTE as CHP_MUTE
from drivers.faults.cards import CHP_NO_CARD as CHP_NO_CARD
from drivers.faults.cards import CHP_REFUSED as CHP_REFUSED
from drivers.faults.cards import CHP_SERVICE as CHP_SERVICE
from drivers.faults.cards import CHP_UNKNOWN as CHP_UNKNOWN
from drivers.faults.cards import CRD_COMMAND as CRD_COMMAND
from drivers.faults.cards import CRD_DATA as CRD_DATA
from drivers.faults.cards import CRD_INVALID as CRD_INVALID
from drivers.faults.cards import CRD_LIFTED as CRD_LIFTED
from drivers.faults.cards import CRD_MODULE as CRD_MODULE
from drivers.faults.cards import CRD_NO_CARD as CRD_NO_CARD
from drivers.faults.cards import CRD_RETRY as CRD_RETRY
from drivers.faults.cards import CRD_SECURITY as CRD_SECURITY
from drivers.faults.cards import CRD_SPEED as CRD_SPEED
from drivers.faults.line import DEV_CANCELLED as DEV_CANCELLED
from drivers.faults.line import DEV_GARBLED as DEV_GARBLED
from drivers.faults.line import DEV_LOST as DEV_LOST
from drivers.faults.line import DEV_NOT_FOUND as DEV_NOT_FOUND
from drivers.faults.line import DEV_SILENT as DEV_SILENT
from drivers.faults.pictures import FAC_ABSENT as FAC_ABSENT
from drivers.faults.pictures import FAC_ENGINE as FAC_ENGINE
from drivers.faults.pictures import FAC_NUMBER_WRONG as FAC_NUMBER_WRONG
from drivers.faults.pictures import FAC_OTHER_SIDE as FAC_OTHER_SIDE
from drivers.faults.pictures import FAC_UNREADABLE as FAC_UNREADABLE
from drivers.faults.pictures import PIC_BLURRED as PIC_BLURRED
from drivers.faults.pictures import PIC_CUT_OFF as PIC_CUT_OFF
from drivers.faults.pictures import PIC_GLARE as PIC_GLARE
from drivers.faults.pictures import PIC_MOVED as PIC_MOVED
from drivers.faults.pictures import PIC_NO_PAGE as PIC_NO_PAGE
from drivers.faults.pictures import PIC_TOO_DARK as PIC_TOO_DARK
from drivers.faults.printers import DOC_ABORTED as DOC_ABORTED
from drivers.faults.printers import DOC_ERROR as DOC_ERROR
from drivers.faults.printers import DOC_FORMAT as DOC_FORMAT
from drivers.faults.printers import DOC_JAM as DOC_JAM
from drivers.faults.printers import DOC_JOB_LEFT as DOC_JOB_LEFT
from drivers.faults.printers import DOC_MEDIA as DOC_MEDIA
from drivers.faults.printers import DOC_OPEN as DOC_OPEN
from drivers.faults.printers import DOC_PAPER_LOW as DOC_PAPER_LOW
from drivers.faults.printers import DOC_PAPER_OUT as DOC_PAPER_OUT
from drivers.faults.printers import DOC_REFUSED as DOC_REFUSED
from drivers.faults.printers import DOC_TONER as DOC_TONER
from drivers.faults.printers import DOC_UNPROVED as DOC_UNPROVED
from drivers.faults.printers import PRN_COVER as PRN_COVER
from drivers.faults.printers import PRN_CUTTER as PRN_CUTTER
from drivers.faults.printers import PRN_ERROR as PRN_ERROR
from drivers.faults.printers import PRN_HEAD_HOT as PRN_HEAD_HOT
from drivers.faults.printers import PRN_PAPER_LOW as PRN_PAPER_LOW
from drivers.faults.printers import PRN_PAPER_OUT as PRN_PAPER_OUT
from drivers.faults.printers import PRN_UNKNOWN as PRN_UNKNOWN
from drivers.faults.scanners import SCN_OTHER_KIND as SCN_OTHER_KIND
from drivers.faults.scanners import SCN_REFUSED as SCN_REFUSED
from drivers.faults.scanners import SCN_UNREADABLE as SCN_UNREADABLE
