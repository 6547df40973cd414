/// The JSON Schema of the key ring's file.
package enum KeyRingSchema {
    package static var text: String { String(decoding: PackageResources.api_keys_schema_json, as: UTF8.self) }
}
