"""The rate of false alarms, after the tests: warnings per thousand healthy variants."""


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes long, and a change seldom breaks it; packaging/check --slow runs it")
    config.addinivalue_line("markers", "lab: records now, as root; packaging/check --slow runs it by itself")


def pytest_terminal_summary(terminalreporter):
    counts = {"variants": 0, "alarms": 0}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", []) if getattr(report, "when", "") == "call" else []:
                counts[name] = counts.get(name, 0) + value
    if counts["variants"]:
        rate = 1000 * counts["alarms"] / counts["variants"]
        terminalreporter.write_line(f"false alarms: {counts['alarms']} of {counts['variants']} healthy variants with a warning or an error, "
                                    f"{rate:.2f} per thousand")
