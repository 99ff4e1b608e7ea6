"""What StackQL and Datadog document of their tables of definitions."""

# The columns as the documents of StackQL's and Datadog's tables list them.
STACKQL = (
    *("job_definition_arn", "job_definition_name", "model_quality_baseline_config"),
    *("model_quality_app_specification", "model_quality_job_input"),
    *("model_quality_job_output_config", "job_resources", "network_config", "endpoint_name"),
    *("role_arn", "stopping_condition", "tags", "creation_time", "region"),
)
DATADOG = (
    *("_key", "account_id", "creation_time", "job_definition_arn", "job_definition_name"),
    *("job_resources", "model_quality_app_specification", "model_quality_baseline_config"),
    *("model_quality_job_input", "model_quality_job_output_config", "network_config"),
    *("role_arn", "stopping_condition", "tags"),
)

# StackQL's statements, with their line breaks.
SELECT_ALL = """SELECT
region,
job_definition_arn,
job_definition_name,
model_quality_baseline_config,
model_quality_app_specification,
model_quality_job_input,
model_quality_job_output_config,
job_resources,
network_config,
endpoint_name,
role_arn,
stopping_condition,
tags,
creation_time
FROM aws.sagemaker.model_quality_job_definitions
WHERE region = 'us-east-1';
"""
SELECT_ONE = SELECT_ALL.replace(";", " AND data__Identifier = '<JobDefinitionArn>';")
INSERT_REQUIRED = """/*+ create */
INSERT INTO aws.sagemaker.model_quality_job_definitions (
 ModelQualityAppSpecification,
 ModelQualityJobInput,
 ModelQualityJobOutputConfig,
 JobResources,
 RoleArn,
 region
)
SELECT 
'{{ ModelQualityAppSpecification }}',
 '{{ ModelQualityJobInput }}',
 '{{ ModelQualityJobOutputConfig }}',
 '{{ JobResources }}',
 '{{ RoleArn }}',
'{{ region }}';
"""  # noqa: W291 - the space after SELECT is in the documentation, too
INSERT_ALL = """/*+ create */
INSERT INTO aws.sagemaker.model_quality_job_definitions (
 JobDefinitionName,
 ModelQualityBaselineConfig,
 ModelQualityAppSpecification,
 ModelQualityJobInput,
 ModelQualityJobOutputConfig,
 JobResources,
 NetworkConfig,
 EndpointName,
 RoleArn,
 StoppingCondition,
 Tags,
 region
)
SELECT 
 '{{ JobDefinitionName }}',
 '{{ ModelQualityBaselineConfig }}',
 '{{ ModelQualityAppSpecification }}',
 '{{ ModelQualityJobInput }}',
 '{{ ModelQualityJobOutputConfig }}',
 '{{ JobResources }}',
 '{{ NetworkConfig }}',
 '{{ EndpointName }}',
 '{{ RoleArn }}',
 '{{ StoppingCondition }}',
 '{{ Tags }}',
 '{{ region }}';
"""  # noqa: W291 - as above
DELETE_ONE = """/*+ delete */
DELETE FROM aws.sagemaker.model_quality_job_definitions
WHERE data__Identifier = '<JobDefinitionArn>'
AND region = 'us-east-1';
"""
