import Settings
import Testing

@Suite("Setting values")
struct SettingValuesTests {
    @Test(
        "a duration is a whole number and a unit",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("25s", .seconds(25)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
            ("90d", .seconds(7_776_000)), ("0s", .zero), ("007s", .seconds(7)),
            ("1000000000s", .seconds(1_000_000_000)),
        ]
    )
    func durations(text: String, expected: Duration) { #expect(Duration(setting: text) == expected) }

    @Test(
        "anything else is no duration",
        arguments: [
            "", "s", "25", "-1s", "+1s", "1.5s", "1 s", " 1s", "1s ", "1S", "1us", "1w", "1ss", "1sm", "1000000001s",
            "99999999999999999999s", "٣s", "1ſ", "1s\n", "0x1s",
        ]
    )
    func notDurations(text: String) { #expect(Duration(setting: text) == nil) }

    @Test(
        "a rate is a count and a duration, both above zero",
        arguments: [
            ("80/20s", 80, Duration.seconds(20)), ("1/1ms", 1, .milliseconds(1)),
            ("100000/1d", 100_000, .seconds(86400)),
        ]
    )
    func rates(text: String, count: Int, interval: Duration) {
        #expect(SettingRate(text) == SettingRate(count: count, interval: interval))
    }

    @Test(
        "anything else is no rate",
        arguments: [
            "", "/", "80", "80/", "/20s", "0/20s", "80/0s", "-1/1s", "100001/1s", "80/20", "80/20s/1", "a/1s",
            " 80/20s",
        ]
    )
    func notRates(text: String) { #expect(SettingRate(text) == nil) }
}
