"""What hotward predict says of one quantity."""

from analysis import predict


def exact(experiment, name, subject, arm="main"):
    """Ideal of one observable at every point, from the table of predict."""
    return read_off(predict(experiment, {"control": "none"} if arm == "none" else {}), name, subject, arm)


def read_off(table, name, subject, arm="main", scheme=""):
    """The same from a table that is there."""
    chosen = table[(table["observable"] == name) & (table["subject"] == subject)]
    if scheme:
        chosen = chosen[chosen["scheme"] == scheme]
    if "arm" in chosen:
        chosen = chosen[chosen["arm"] == arm]
    return chosen["ideal"].to_numpy()
