"""The table of what the large captures cost, after the tests."""


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes long, and a change seldom breaks it; packaging/check --slow runs it")


def pytest_terminal_summary(terminalreporter):
    costs = [value for reports in terminalreporter.stats.values() for report in reports if getattr(report, "when", "") == "call"
             for name, value in report.user_properties if name == "cost"]
    if costs:
        terminalreporter.write_line(f"{'':10} {'frames':>8} {'s, without':>8} {'with':>6} {'MiB without':>8} {'with':>6}")
    for cost in costs:
        terminalreporter.write_line(cost)
