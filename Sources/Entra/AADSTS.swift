/// What Entra's own error codes say beyond OAuth's `error`.
///
/// After Microsoft's page "Microsoft Entra authentication and authorization error codes". The codes may change, so
/// they only sharpen what status and `error` have said; an unknown one loses nothing but precision.
enum AADSTS {
    static func reason(for code: Int) -> EntraError.Reason? {
        switch code {
        case 7_000_215, 70002, 50012: .secretWrong
        case 7_000_222: .secretExpired
        // Nothing shown, a public client, and what is wrong with assertions: key, time, issuer, subject, audience.
        case 7_000_218, 900_144, 90014, 700_025,
            700_027, 7_000_214, 700_030, 700_024, 1_000_502, 500_133, 70021, 700_211, 700_212, 700_213, 700_229:
            .credentialInvalid
        case 700_016, 700_011, 70001, 7_000_112, 650_059: .applicationUnknown
        case 90002, 90038, 900_023, 900_382, 900_432, 9_001_023: .tenantUnknown
        case 70011, 28002, 500_011, 500_014, 700_022, 1_002_012: .scopeInvalid
        case 65001, 90094, 90008: .consentMissing
        case 53000...53011, 530_032, 530_034: .conditionalAccess
        case 90006, 90012, 90024, 90033, 90036, 90090, 90092, 50000: .serverError
        // A loop was seen, or the tenant as a whole asks too much.
        case 50196, 90055: .throttled
        default: nil
        }
    }
}
