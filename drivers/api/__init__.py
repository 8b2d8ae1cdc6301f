"""What a device is, to anyone who uses one: states, results, errors and small protocols.

Names and values follow XFS4IoT (CEN/CWA XFS4IoT, Common.Status and the class interfaces); the
spelling of its values is kept so that logs read like the standard.
"""

from __future__ import annotations

from drivers.api.aids import Cabinet as Cabinet
from drivers.api.aids import CabinetStatus as CabinetStatus
from drivers.api.aids import Flash as Flash
from drivers.api.aids import HeadphoneSensor as HeadphoneSensor
from drivers.api.aids import Keypad as Keypad
from drivers.api.aids import KeypadKey as KeypadKey
from drivers.api.aids import LightPosition as LightPosition
from drivers.api.aids import Lights as Lights
from drivers.api.aids import PowerReading as PowerReading
from drivers.api.aids import PowerState as PowerState
from drivers.api.aids import Ups as Ups
from drivers.api.cards import ChipCardReader as ChipCardReader
from drivers.api.cards import HolderLock as HolderLock
from drivers.api.cards import IdCard as IdCard
from drivers.api.cards import IdCardReader as IdCardReader
from drivers.api.cards import IdDocument as IdDocument
from drivers.api.cards import SocialCard as SocialCard
from drivers.api.cards import SocialHolder as SocialHolder
from drivers.api.device import CompletionCode as CompletionCode
from drivers.api.device import Device as Device
from drivers.api.device import DeviceError as DeviceError
from drivers.api.device import DeviceFactory as DeviceFactory
from drivers.api.device import DeviceIdentity as DeviceIdentity
from drivers.api.device import DeviceState as DeviceState
from drivers.api.device import DeviceStatus as DeviceStatus
from drivers.api.device import Identified as Identified
from drivers.api.device import MediaState as MediaState
from drivers.api.device import PaperSupply as PaperSupply
from drivers.api.pictures import FACE_FAULT_OF_HINT as FACE_FAULT_OF_HINT
from drivers.api.pictures import PAGE_FAULT_OF_HINT as PAGE_FAULT_OF_HINT
from drivers.api.pictures import PORTRAIT_FAULT_OF_HINT as PORTRAIT_FAULT_OF_HINT
from drivers.api.pictures import CameraPicture as CameraPicture
from drivers.api.pictures import CaptureHint as CaptureHint
from drivers.api.pictures import DocumentScanner as DocumentScanner
from drivers.api.pictures import Framed as Framed
from drivers.api.pictures import IdBack as IdBack
from drivers.api.pictures import IdFace as IdFace
from drivers.api.pictures import IdFaceReader as IdFaceReader
from drivers.api.pictures import OnHint as OnHint
from drivers.api.pictures import PageImage as PageImage
from drivers.api.pictures import Portrait as Portrait
from drivers.api.pictures import PortraitCamera as PortraitCamera
from drivers.api.printers import BoxRow as BoxRow
from drivers.api.printers import DocumentPrinter as DocumentPrinter
from drivers.api.printers import DocumentResult as DocumentResult
from drivers.api.printers import FeedRow as FeedRow
from drivers.api.printers import MediaSize as MediaSize
from drivers.api.printers import PairRow as PairRow
from drivers.api.printers import PaperForecast as PaperForecast
from drivers.api.printers import PrintProof as PrintProof
from drivers.api.printers import PrintResult as PrintResult
from drivers.api.printers import QrRow as QrRow
from drivers.api.printers import ReceiptPrinter as ReceiptPrinter
from drivers.api.printers import ReceiptRow as ReceiptRow
from drivers.api.printers import RuleRow as RuleRow
from drivers.api.printers import SlipsLeft as SlipsLeft
from drivers.api.printers import TextRow as TextRow
from drivers.api.scanners import CodeScanner as CodeScanner
from drivers.api.scanners import ScannedCode as ScannedCode

API_VERSION = 1
"""Of these protocols: a method or value that a driver must have, and had not, makes it one higher.

A driver outside this package says by `DRIVER_API` which version it was written for (`drivers.registry`).
"""
