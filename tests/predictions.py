"""What hotward predict says of one quantity."""

from analysis import predict


def exact(experiment, name, subject, arm="main"):
    """Ideal of one observable at every point, from the table of predict."""
    table = predict(experiment, {"control": "none"} if arm == "none" else {})
    chosen = table[(table["observable"] == name) & (table["subject"] == subject)]
    if "arm" in chosen:
        chosen = chosen[chosen["arm"] == arm]
    return chosen["ideal"].to_numpy()
