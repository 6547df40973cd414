import QRCode

/// Texts that codes are drawn of.
enum Samples {
    /// What Android is provisioned with, as Graph has it in `qrCodeContent`.
    static let provisioning = """
        {"android.app.extra.PROVISIONING_DEVICE_ADMIN_COMPONENT_NAME":\
        "com.google.android.apps.work.clouddpc/.receivers.CloudDeviceAdminReceiver",\
        "android.app.extra.PROVISIONING_DEVICE_ADMIN_SIGNATURE_CHECKSUM":"I5YvS0O5hXY46mb01BlRjq4oJJGs2kuUcHvVkAPEXlg",\
        "android.app.extra.PROVISIONING_DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION":\
        "https://play.google.com/managed/downloadManagingApp?identifier=setup",\
        "android.app.extra.PROVISIONING_ADMIN_EXTRAS_BUNDLE":\
        {"com.google.android.apps.work.clouddpc.EXTRA_ENROLLMENT_TOKEN":"ABCDEFGHIJKLMNOPQRST"}}
        """
    static let beyondASCII = #"{"wifi":"Lagerhalle Süd – Größe 3 € ☕ 倉庫 Склад"}"#
    /// As much as a symbol of level M holds.
    static let longest = String(String(repeating: provisioning, count: 6).prefix(2331))

    static let all = [
        ("a provisioning document", provisioning), ("1 character", "A"), ("more than ASCII", beyondASCII),
    ]
}
