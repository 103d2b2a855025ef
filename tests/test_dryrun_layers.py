"""The dry run of every layer, with whichever torch from 2.4 on is installed: what it gives is what the rule says."""

from __future__ import annotations

import warnings

import pytest
import torch

import convshape
from convshape import layers
from convshape.asked import Asked
from convshape.catalogue.samples import sample
from convshape.dryrun import dry_run
from convshape.dryrun.devices import DryRunError

RUN = [name for name in layers.FAMILY if layers.FAMILY[name] not in ("container", "recurrent_base")]
"""The layers that have a forward."""


@pytest.mark.parametrize("name", RUN)
def test_torch_does_what_the_example_says(name: str) -> None:
    """The example of its page, in the torch that is here; of one that it lacks, the rule says so."""
    layer = layers.find(name)
    assert layer
    if not hasattr(torch.nn, name):
        assert "does not have it" in layer.releases
        return
    given = sample(layer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of what is to go
        result = dry_run(Asked(given.text, given.option).trace())
    assert result.differences() == []
    assert result.torch == torch.__version__


def test_an_argument_that_this_torch_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, with the release; left as it is by default, it is not passed on."""
    newer = torch.nn.BatchNorm1d

    def older(num_features: int) -> torch.nn.Module:
        return newer(num_features)

    monkeypatch.setattr(torch.nn, "BatchNorm1d", older)
    assert dry_run(convshape.trace("BatchNorm1d(3)", (2, 3))).differences() == []
    with pytest.raises(DryRunError, match=r"torch \S+ makes no BatchNorm1d of these arguments: .*'bias'"):
        dry_run(convshape.trace("BatchNorm1d(3, bias=False)", (2, 3)))
