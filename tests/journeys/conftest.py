"""Journeys: a whole Podium in processes of its own, on a repository of its own, judged by what is left afterwards."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import Repo

from podium.project.project import Project

DRIVER = Path(__file__).with_name("driver.py")
