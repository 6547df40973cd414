/// The text inside of an enrollment QR code: Android's managed-provisioning extras (`DevicePolicyManager`), with Android
/// Device Policy as the device administrator.
enum ProvisioningDocument {
    static func text(enrollmentToken: String) -> String {
        JSONValue.object([
            .init(
                name: "android.app.extra.PROVISIONING_DEVICE_ADMIN_COMPONENT_NAME",
                value: "com.google.android.apps.work.clouddpc/.receivers.CloudDeviceAdminReceiver"
            ),
            .init(
                name: "android.app.extra.PROVISIONING_DEVICE_ADMIN_SIGNATURE_CHECKSUM",
                value: "I5YvS0O5hXY46mb01BlRjq4oJJGs2kuUcHvVkAPEXlg"
            ),
            .init(
                name: "android.app.extra.PROVISIONING_DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION",
                value: "https://play.google.com/managed/downloadManagingApp?identifier=setup"
            ),
            .init(
                name: "android.app.extra.PROVISIONING_ADMIN_EXTRAS_BUNDLE",
                value: [
                    "com.google.android.apps.work.clouddpc.EXTRA_ENROLLMENT_TOKEN": .string(enrollmentToken)
                ]
            ),
        ]).text
    }
}
