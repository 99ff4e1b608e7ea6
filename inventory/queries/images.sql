-- How many definitions use each container image and each type of instance.
SELECT
    model_quality_app_specification->>'ImageUri' AS image,
    job_resources->'ClusterConfig'->>'InstanceType' AS instance_type,
    count(*) AS definitions
FROM aws.sagemaker.model_quality_job_definitions
GROUP BY ALL
ORDER BY definitions DESC, image, instance_type
