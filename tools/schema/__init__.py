# SPDX-License-Identifier: GPL-2.0-only
"""What tools/generate makes of spec/vnet.yaml and spec/words.yaml: one module per kind of file."""
