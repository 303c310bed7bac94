"""Pauli words: moments, states, settings and the families of states that they determine."""

from protocols.pauli.families import CONSERVED as CONSERVED
from protocols.pauli.families import FAMILIES as FAMILIES
from protocols.pauli.families import MANY as MANY
from protocols.pauli.families import X_WORDS as X_WORDS
from protocols.pauli.families import assumption as assumption
from protocols.pauli.families import assumption_of_words as assumption_of_words
from protocols.pauli.families import determines as determines
from protocols.pauli.families import measured_words as measured_words
from protocols.pauli.families import needed_words as needed_words
from protocols.pauli.families import parity as parity
from protocols.pauli.families import with_twins as with_twins
from protocols.pauli.words import PAIR as PAIR
from protocols.pauli.words import full as full
from protocols.pauli.words import moments as moments
from protocols.pauli.words import outcome_bits as outcome_bits
from protocols.pauli.words import outcome_probabilities as outcome_probabilities
from protocols.pauli.words import parse_bases as parse_bases
from protocols.pauli.words import pauli_matrix as pauli_matrix
from protocols.pauli.words import state as state
from protocols.pauli.words import unread as unread
from protocols.pauli.words import words as words
