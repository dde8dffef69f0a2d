/** What a constraint of the database says to a client whose record breaks it: status and detail. */
export const CONSTRAINTS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  address_address_type_id_fkey: [404, 'Address type not found'],
  address_name_key: [400, 'Address name already exists'],
  address_type_name_key: [400, 'Address type name already exists'],
  anomaly_detection_rule_last_n: [400, 'last_n must not be below minimum_executions'],
  anomaly_detection_rule_pipeline_id_fkey: [404, 'Pipeline not found'],
  anomaly_detection_rule_pipeline_id_metric_field_key: [
    400,
    'Anomaly detection rule already exists',
  ],
  pipeline_name_key: [400, 'Pipeline name already exists'],
  pipeline_pipeline_type_id_fkey: [404, 'Pipeline type not found'],
  pipeline_type_name_key: [400, 'Pipeline type name already exists'],
};
